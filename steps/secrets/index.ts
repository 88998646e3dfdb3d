import {secrets} from '../../source/answers/secrets.ts';
import {variableName} from '../../source/answers/values.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question, Step} from '../../source/engine/step.ts';
import {checks, placeOf} from './checks.ts';
import {resources} from './resources.ts';
import {vaultWarnings} from './vault.ts';
import {wantedOf} from './wanted.ts';

const split = (value: string) => value.split(/[\s,]+/).filter(Boolean);

function namesObjection(value: string): string | undefined {
	const wrong = split(value).find(name => !variableName.safeParse(name).success);
	return wrong === undefined ? undefined : t('`{wrong}` is no name of a variable. Write them like MAIL_PASSWORD, with spaces between them.', {wrong});
}

/** What is given stays as it was answered; a new name is asked for. */
function named(value: string, environment: Readonly<Record<string, string>>, there: readonly string[]): Record<string, string> {
	return Object.fromEntries(split(value).map(name => [name, environment[name] ?? (there.includes(name) ? 'keep' : 'generate')]));
}

function questions({secrets: {apps, sealing}}: Facts, answers: Answers): readonly Question[] {
	const given = answers.secrets ?? secrets.parse({});
	const here = apps[answers.app?.name ?? ''];
	const there = [...here?.plain ?? [], ...here?.sealed ?? []];
	const listed: Question = {
		id: 'secrets.environment',
		kind: 'text',
		message: t('Which further secrets does the app need? (names of variables; empty: none)'),
		why: t('The app finds them in its environment. They lie where only root can read them, and nothing prints them.'),
		explain: t('SECRET_KEY and DATABASE_URL are made by their own steps. Name others that you have to give it: MAIL_PASSWORD, STRIPE_KEY. You paste their values next, without echo. Those in an OpenBao or Vault are named in an answers file instead: secrets.vault.'),
		default: Object.keys(given.environment).join(' '),
		placeholder: t('none'),
		validate: namesObjection,
		parse: value => named(value, given.environment, there),
	};
	const seal: Question = {
		id: 'secrets.encrypt',
		kind: 'confirm',
		message: t('Encrypt them to this server?'),
		why: sealing?.possible && sealing.by === 'tpm2'
			? t('A copy of the disk, or a backup, is then worth nothing without this machine: its security chip holds the key.')
			: t('A copy of these files, as in a backup, is then worth nothing without this server\'s own key in /var/lib/systemd.'),
		default: given.encrypt,
	};
	const values = Object.entries(given.environment).filter(([, value]) => value !== 'keep').map(([name]): Question => ({
		id: `secrets.environment.${name}`,
		kind: 'password',
		pasted: true,
		message: t('Paste the value of {name}. (empty: one is made at random)', {name}),
		why: t('It is not shown, and kept nowhere but in its file.'),
		default: '',
		validate: () => undefined,
	}));
	return [listed, ...Object.keys(given.environment).length > 0 && sealing?.possible !== false ? [seal] : [], ...values];
}

function warnings(facts: Facts, answers: Answers): readonly string[] {
	const wanted = wantedOf(facts, answers);
	const found = facts.secrets.inCode.filter(({app}) => app === wanted?.app.user);
	return [
		...wanted?.cannotSeal === undefined ? [] : [t('They cannot be encrypted here: this system has no {what}. They are files that only root can read.', {what: wanted.cannotSeal})],
		...wanted === undefined ? [] : vaultWarnings(wanted),
		...found.slice(0, 10).map(place => t('In your code there is what looks like a secret: {place}. Give it as a secret instead, and change it.', {place: placeOf(place)})),
		...found.length > 10 ? [t('And {count} more places in your code; `{tool} audit` lists them.', {count: found.length - 10})] : [],
	];
}

export const secretsStep: Step = {
	id: 'secrets',
	get title() {
		return t('Secrets');
	},
	get purpose() {
		return t('What the app must know and nobody else: kept out of its code, readable by the app alone, encrypted to this server.');
	},
	today({secrets: {apps, inCode}}) {
		const count = Object.values(apps).reduce((sum, {plain, sealed}) => sum + plain.length + sealed.length, 0);
		return inCode.length > 0 ? t('{count} kept, {found} in the code', {count, found: inCode.length}) : t('{count} kept', {count});
	},
	questions,
	resources,
	checks,
	warnings,
	remember: (_, answers) => Object.keys(answers.secrets?.environment ?? {}).length > 0 ? [t('A secret got out?\n    sudo {tool} rotate secret NAME')] : [],
	needs: ['app'],
	standsOn: ['app'],
	auditedOnlyWhenTaken: true,
};
