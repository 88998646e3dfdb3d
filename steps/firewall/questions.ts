import {isSource} from '../../source/answers/values.ts';
import type {Answers} from '../../source/answers.ts';
import {openStores, portWords, storeAt, wallToday} from '../../source/engine/exposure.ts';
import {parseRuleText, ruleText, type Prunable} from '../../source/engine/firewall-rule.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import {backendFor, pruneCandidates} from './wanted.ts';

type Extra = {port: number; protocol: 'tcp' | 'udp'; from: string};

/** `5432 from 203.0.113.7, 53/udp` → the rules, or undefined where a part is not understood. TCP where nothing is said. */
export function parseExtra(text: string): readonly Extra[] | undefined {
	const parts = text.split(/[,\n]/).map(part => part.trim()).filter(Boolean);
	const rules = parts.map((part): Extra | undefined => {
		const {port, protocol = 'tcp', from = 'any'} = /^(?<port>\d{1,5})(?:\/(?<protocol>tcp|udp))?(?:\s+from\s+(?<from>\S+))?$/i.exec(part)?.groups ?? {};
		const number = Number(port);
		return number >= 1 && number <= 65_535 && (from === 'any' || isSource(from)) ? {port: number, protocol: protocol.toLowerCase() as Extra['protocol'], from} : undefined;
	});
	return rules.includes(undefined) ? undefined : rules.map(rule => rule!);
}

/** The same as text. */
export function formatExtra(rules: readonly Extra[]): string {
	return rules.map(({port, protocol, from}) => `${portWords({port, protocol})}${from === 'any' ? '' : ` from ${from}`}`).join(', ');
}

function validateExtra(text: string): string | undefined {
	return parseExtra(text) === undefined
		? t('Write ports with commas between them, each like `8443`, `53/udp` or `5432 from 203.0.113.7`.')
		: undefined;
}

function remarkOnExtra(text: string): string | undefined {
	const open = (parseExtra(text) ?? []).find(({port, from}) => from === 'any' && storeAt(port) !== undefined);
	return open ? t('{store} on {port} would be open to everyone. Add `from ADDRESS` unless that is what you want.', {store: storeAt(open.port)!, port: open.port}) : undefined;
}

function backendQuestion(facts: Facts, answers: Answers): Question {
	const {ufw, firewalld} = facts.firewall;
	const state = ({installed, enabled}: {installed: boolean; enabled: boolean}) => enabled ? t('in use') : (installed ? t('installed, off') : t('not installed'));
	return {
		id: 'firewall.backend',
		kind: 'select',
		message: t('Which firewall should guard this server?'),
		why: t('Both do the same work in the kernel. ufw has the shorter commands; firewalld is at home on Red Hat\'s systems.'),
		default: backendFor(facts, answers),
		choices: [
			{value: 'ufw', label: 'ufw', hint: state(ufw)},
			{value: 'firewalld', label: 'firewalld', hint: state(firewalld)},
		],
	};
}

function webQuestion(answers: Answers): Question {
	return {
		id: 'firewall.web',
		kind: 'confirm',
		message: t('Will this server answer web requests?'),
		why: t('Opens port 80 and 443, for a web app and for getting its certificate.'),
		default: answers.firewall?.web ?? true,
	};
}

function extraQuestion(facts: Facts, answers: Answers): Question {
	const stores = openStores(facts, wallToday(facts.firewall)).filter(({published}) => published === undefined);
	const list = stores.map(({port}) => `${storeAt(port)!} (${port})`).join(', ');
	return {
		id: 'firewall.allow',
		kind: 'text',
		message: t('Which other ports should be open?'),
		why: stores.length > 0
			? t('Everything else will be closed. {list} can be reached by everyone today and will be closed too, unless you let named addresses in here.', {list})
			: t('Everything else will be closed: databases, development servers, whatever listens.'),
		risk: t('A service on this server that others use, and that you do not name here, is cut off from them.'),
		explain: t('One port, or several with commas. `5432 from 203.0.113.7` opens 5432 for that address only; `10.0.0.0/8` is a network; `53/udp` is UDP. Programs on this server reach one another without any rule.'),
		default: formatExtra(answers.firewall?.allow ?? []),
		placeholder: t('none'),
		validate: validateExtra,
		remark: remarkOnExtra,
		parse: value => parseExtra(value) ?? [],
	};
}

function pruneHint({reason, by}: Prunable): string {
	switch (reason) {
		case 'duplicate': {
			return t('`{by}` already says so', {by: ruleText(by!)});
		}

		case 'shadowed': {
			return t('never asked: `{by}` decides before it', {by: ruleText(by!)});
		}

		case 'unused': {
			return t('nothing listens there');
		}
	}
}

function pruneQuestions(facts: Facts, answers: Answers): readonly Question[] {
	const candidates = pruneCandidates(facts, answers);
	const offered = new Set(candidates.map(({rule}) => ruleText(rule)));
	return candidates.length === 0 ? [] : [{
		id: 'firewall.prune',
		kind: 'checkbox',
		message: t('Some rules that are already there seem to be of no use. Which should go?'),
		why: t('Your rules stay as they are unless you choose them here. Undo puts them back in their place.'),
		risk: t('A port on which nothing listens now may belong to something that runs only at times.'),
		default: (answers.firewall?.prune ?? []).filter(text => parseRuleText(text) !== undefined && offered.has(text)),
		choices: candidates.map(candidate => ({value: ruleText(candidate.rule), label: ruleText(candidate.rule), hint: pruneHint(candidate)})),
	}];
}

export function questions(facts: Facts, answers: Answers): readonly Question[] {
	return [backendQuestion(facts, answers), webQuestion(answers), extraQuestion(facts, answers), ...pruneQuestions(facts, answers)];
}
