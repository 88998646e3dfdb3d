import {bodySize, domain, isContentSecurityPolicy, wafExclusion} from '../../source/answers/web.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import type {Web} from './site.ts';

function namesIn(text: string): readonly string[] {
	return [...new Set(text.toLowerCase().split(/[\s,]+/).filter(Boolean))];
}

function aboutSite(web: Web | undefined): readonly Question[] {
	return [
		{
			id: 'web.domains',
			kind: 'text',
			message: t('Which names is the app reached by?'),
			why: t('Like shop.example.com www.shop.example.com. Whoever asks for another name gets no answer, which keeps most robots off.'),
			risk: t('Without a name it answers to the addresses of this server, and a certificate that browsers trust cannot be had.'),
			default: (web?.domains ?? []).join(' '),
			placeholder: t('none yet'),
			validate(value) {
				const wrong = namesIn(value).find(name => !domain.safeParse(name).success);
				return wrong === undefined ? undefined : t('`{wrong}` is no name of a server. Write it like shop.example.com, without https:// and without a path.', {wrong});
			},
			parse: namesIn,
		},
		{
			id: 'web.maxBodySize',
			kind: 'text',
			message: t('How large may an upload be?'),
			why: t('Larger ones are refused before they reach the app.'),
			default: web?.maxBodySize ?? '10m',
			validate: value => bodySize.safeParse(value).success ? undefined : t('Write a size like 512k, 10m or 1g.'),
			parse: value => value,
		},
	];
}

function aboutPolicy({web, app}: Answers): readonly Question[] {
	const isOwnCode = app !== undefined && !('sample' in app.source);
	return [
		{
			id: 'web.contentSecurityPolicy',
			kind: 'text',
			message: t('Where may your pages load scripts, styles and pictures from?'),
			why: t('A Content-Security-Policy: what an attacker slips into a page does not run. `default-src \'self\'` means from this site only.'),
			risk: t('Scripts and styles written into the page itself, and those of other sites, stop working unless they are named here.'),
			explain: t('It is for pages that have none: where your app sends a policy of its own, that one counts. For pictures from anywhere: default-src \'self\'; img-src * data:'),
			default: web?.contentSecurityPolicy ?? 'default-src \'self\'',
			validate: value => isContentSecurityPolicy(value) ? undefined : t('Write directives with semicolons between them, like default-src \'self\'; img-src *'),
			parse: value => value,
		},
		{
			id: 'web.cspReportOnly',
			kind: 'confirm',
			message: t('Only try that policy out at first?'),
			why: t('Browsers then block nothing, and say in their console what they would have blocked. Run this step again to enforce it.'),
			// What our samples load is known; of other code only its pages show it.
			default: web?.cspReportOnly ?? isOwnCode,
		},
	];
}

function aboutFirewall(facts: Facts, web: Web | undefined, name: string | undefined): readonly Question[] {
	const chosen = web?.wafExclusions ?? [];
	const found = (facts.web.findings[name ?? ''] ?? [])
		.filter(({rule, path}) => wafExclusion.safeParse({rule, path}).success && !chosen.some(entry => entry.rule === rule && entry.path === path))
		.slice(0, 20);
	const choices = [
		...chosen.map(value => ({value, label: t('rule {rule} below {path}', value), hint: t('left out now')})),
		...found.map(({rule, path, count, message}) => ({value: {rule, path}, label: t('rule {rule} below {path}', {rule, path}), hint: t('{count} times: {message}', {count, message})})),
	];
	const waf: Question = {
		id: 'web.waf',
		kind: 'select',
		message: t('What should the application firewall do with attacks?'),
		why: t('It looks for what attacks look like (SQL injection, scripts, paths that lead out). It can be wrong: watch first, and let it refuse when the audit shows nothing of your own.'),
		default: web?.waf ?? 'detect',
		choices: [
			{value: 'detect', label: t('write them down'), hint: t('and let them through; the audit shows them')},
			{value: 'block', label: t('refuse them'), hint: t('with 403')},
			{value: 'off', label: t('have none')},
		],
	};
	return web?.waf === 'off' || choices.length === 0 ? [waf] : [waf, {
		id: 'web.wafExclusions',
		kind: 'checkbox',
		message: t('Which of its rules are wrong about your app?'),
		why: t('These spoke lately. Choose those that took your own use for an attack: they are not asked any more below that path.'),
		risk: t('An attack that only that rule knows gets through there.'),
		default: chosen,
		choices,
	}];
}

export function questions(facts: Facts, answers: Answers): readonly Question[] {
	const {web, app} = answers;
	return [...aboutSite(web), ...aboutPolicy(answers), ...aboutFirewall(facts, web, app?.name)];
}
