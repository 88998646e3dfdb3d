import {exposureRows, openStores, portWords, sourceWords, storeAt, wallToday} from '../source/engine/exposure.ts';
import {ruleText} from '../source/engine/firewall-rule.ts';
import {t} from '../source/words.ts';
import type {Answers} from '../source/answers.ts';
import type {Facts, Listener} from '../source/engine/facts.ts';
import type {Guarding, Step} from '../source/engine/step.ts';
import {checks} from './firewall/checks.ts';
import {questions} from './firewall/questions.ts';
import {bridgeResources, conflict, finalResources, goingRules} from './firewall/resources.ts';
import {backendFor, obstacle, rulesToday, sshPorts, sshRemovals, sshRules, wallAfter, wantedRules, widerThanAllowed} from './firewall/wanted.ts';

function today({firewall}: Facts): string {
	const open = openStores({listeners: [], firewall}, wallToday(firewall)).length;
	switch (firewall.backend) {
		case 'none': {
			return t('off');
		}

		case 'other': {
			return t('rules of your own');
		}

		case 'ufw':
		case 'firewalld': {
			return open > 0 ? t('{backend}, with ports past it', {backend: firewall.backend}) : t('{backend}, on', {backend: firewall.backend});
		}
	}
}

/** Ports that will be open although nothing listens there yet. */
function coming(facts: Facts, answers: Answers): readonly Listener[] {
	return wantedRules(facts, answers).filter(({port}) => port !== undefined).map(({port, protocol}) => ({
		protocol: protocol === 'udp' ? 'udp' : 'tcp',
		address: '*',
		port: port!,
		...sshPorts(facts, answers).includes(port!) && {program: 'sshd'},
	}));
}

function finalWall(facts: Facts, answers: Answers) {
	return wallAfter(facts, answers, wantedRules(facts, answers), goingRules(facts, answers));
}

/** Whether anything is left to change that SSH depends on. */
function isSettled(facts: Facts, answers: Answers): boolean {
	const backend = backendFor(facts, answers);
	const texts = new Set(rulesToday(facts, backend).map(rule => ruleText(rule)));
	return facts.firewall.backend === backend && wallToday(facts.firewall).closed
		&& sshRules(facts, answers).every(rule => texts.has(ruleText(rule)))
		&& !sshRemovals(facts, answers).some(({rule}) => texts.has(ruleText(rule)))
		&& goingRules(facts, answers).every(rule => !texts.has(ruleText(rule)));
}

/** Who has to come in anew: the user of the SSH step, or whoever is here now. */
function loginOf({operator}: Facts, answers: Answers, port: number): Guarding['login'] {
	return answers.ssh
		? {user: answers.ssh.user, port, sudo: answers.ssh.sudo}
		: {user: operator.user, port, sudo: operator.user === 'root' ? 'nopasswd' : 'password'};
}

function guard(facts: Facts, answers: Answers): Guarding | undefined {
	const ports = sshPorts(facts, answers);
	const port = facts.operator.port !== undefined && ports.includes(facts.operator.port) ? facts.operator.port : ports[0];
	return !answers.firewall || port === undefined || isSettled(facts, answers) ? undefined : {
		bridge: bridgeResources(facts, answers),
		login: loginOf(facts, answers, port),
		safeBecause: t('Connections that are open stay open, SSH is let in from everywhere until you have logged in again, and otherwise the firewall goes back to what it was.'),
	};
}

function warnings(facts: Facts, answers: Answers): readonly string[] {
	const {firewall} = facts;
	const wall = finalWall(facts, answers);
	const {foreign} = firewall[backendFor(facts, answers)];
	const limited = sshRules(facts, answers).map(({port, from}) => obstacle(wall, port!, from)).find(rule => rule?.action === 'limit');
	const wide = widerThanAllowed(facts, answers).filter(rule => !goingRules(facts, answers).some(going => ruleText(going) === ruleText(rule)));
	return [
		...firewall.published.length > 0
			? [t('Docker publishes {ports} past every firewall rule: they stay open. Publish them as 127.0.0.1:PORT:PORT in Docker to close them.', {ports: firewall.published.map(entry => `${portWords(entry)}${entry.container ? ` (${entry.container})` : ''}`).join(', ')})]
			: [],
		...openStores(facts, wall).filter(({published}) => published === undefined)
			.map(({port, sources}) => t('{store} on port {port} stays open to {who}: it should listen on 127.0.0.1, or be let in from named addresses only.', {store: storeAt(port)!, port, who: sourceWords(sources)})),
		...firewall.backend === 'other'
			? [t('This server has packet rules of its own ({chains}). They stay, and a packet has to pass both: if the new login does not get through, look there.', {chains: firewall.foreignChains.join(', ')})]
			: [],
		...foreign.length > 0 ? [t('Rules of a form that is not understood here stay as they are: {rules}.', {rules: foreign.join('; ')})] : [],
		...limited ? [t('`{rule}` refuses whoever connects too often, you included. It stays unless you remove it.', {rule: ruleText(limited)})] : [],
		...wide.length > 0 ? [t('{rules} also let SSH in from addresses that are not on your list.', {rules: wide.map(rule => `\`${ruleText(rule)}\``).join(', ')})] : [],
	];
}

export const firewallStep: Step = {
	id: 'firewall',
	get title() {
		return t('Firewall');
	},
	get purpose() {
		return t('Whatever listens on this server by accident cannot be reached by strangers.');
	},
	today,
	unfit: conflict,
	questions,
	resources: finalResources,
	guard,
	checks,
	warnings: (facts, answers) => answers.firewall ? warnings(facts, answers) : [],
	exposure: (facts, answers) => answers.firewall ? exposureRows(facts, finalWall(facts, answers), coming(facts, answers)) : [],
	remember(facts, answers) {
		const backend = backendFor(facts, answers);
		// Twice, and no reload: that would forget whom Fail2Ban has banned.
		const command = backend === 'ufw' ? 'sudo ufw allow 8443/tcp' : 'sudo firewall-cmd --add-port=8443/tcp\n    sudo firewall-cmd --add-port=8443/tcp --permanent';
		return answers.firewall ? [t('A new port stays closed until you open it:\n    {command}', {command})] : [];
	},
	// It lets SSH in on the port that the SSH step made.
	standsOn: ['ssh'],
};

