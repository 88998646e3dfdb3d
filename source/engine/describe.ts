import {structuredPatch} from 'diff';
import {t} from '../words.ts';
import {authorityOf, selfSigned} from './certificate.ts';
import type {AnyState, Change, FileState, ResourceStates, ResourceType} from './types.ts';

/** A change in words and as a diff, derived here and nowhere else: preview, progress, status and undo all show this. */
export type Description = {
	sign: '+' | '~' | '-';
	type: ResourceType;
	name: string;
	/** e.g. `/etc/ssh/sshd_config.d/00-harden-python-vps.conf`, `fail2ban 1.1.0-8`. */
	title: string;
	/** How many things it stands for; one where not given. */
	count?: number;
	/** e.g. `18 lines`, `off → on`. */
	detail: string;
	why: string;
	/** The body of a unified diff, for files: lines starting with `+`, `-`, a space, or `@@`. */
	diff?: readonly string[];
	/** Why it cannot be undone, or not completely. */
	lasting?: string;
};

function isAbsent(type: ResourceType, state: AnyState): boolean {
	return state === null || (type === 'package' && !(state as ResourceStates['package']).installed);
}

function signOf({type, before, desired}: Change): Description['sign'] {
	if (type === 'upgrade' || type === 'migrations') {
		return '~';
	}

	return isAbsent(type, before) ? '+' : (isAbsent(type, desired) ? '-' : '~');
}

/** A file's text for a diff; what is not text has none. */
function textOf(state: FileState | null): string | undefined {
	if (state === null) {
		return '';
	}

	if ('link' in state) {
		return `-> ${state.link}\n`;
	}

	return state.encoding === undefined ? state.content : undefined;
}

function octal(mode: number): string {
	return mode.toString(8).padStart(4, '0');
}

function ownership(state: {mode: number; owner: string; group: string}): string {
	return `${octal(state.mode)} ${state.owner}:${state.group}`;
}

function fileOwnership(state: FileState | null): string | undefined {
	return state === null || 'link' in state ? undefined : ownership(state);
}

/** The unified diff of a whole file, three lines of context, without its headers. */
export function diffOf(before: string, after: string): readonly string[] {
	const {hunks} = structuredPatch('', '', before, after, '', '', {context: 3});
	return hunks.flatMap(({oldStart, oldLines, newStart, newLines, lines}) => [
		...hunks.length > 1 ? [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`] : [],
		...lines,
	]);
}

function countLines(diff: readonly string[]): {added: number; removed: number} {
	return {
		added: diff.filter(line => line.startsWith('+')).length,
		removed: diff.filter(line => line.startsWith('-')).length,
	};
}

function linesIn(count: number): string {
	return count === 1 ? t('{count} line', {count}) : t('{count} lines', {count});
}

function describeFile(before: FileState | null, after: FileState | null, secret: boolean): {detail: string; diff?: readonly string[]} {
	const owners = [fileOwnership(before), fileOwnership(after)];
	const ownerChange = owners[0] !== undefined && owners[1] !== undefined && owners[0] !== owners[1] ? `${owners[0]} → ${owners[1]}` : undefined;
	if (secret) {
		return {detail: t('secret, not shown')};
	}

	const texts = [textOf(before), textOf(after)] as const;
	if (texts[0] === undefined || texts[1] === undefined) {
		return {detail: ownerChange ?? t('binary')};
	}

	const diff = diffOf(texts[0], texts[1]);
	const {added, removed} = countLines(diff);
	if (before === null || after === null) {
		const count = linesIn(Math.max(added, removed));
		return {detail: after === null ? count : `${count}, ${owners[1] ?? ''}`.replace(/, $/, ''), diff};
	}

	const counts = [added > 0 ? `+${added}` : '', removed > 0 ? `−${removed}` : ''].filter(Boolean).join(' ');
	return {detail: [counts === '' ? '' : `${counts} ${t('lines')}`, ownerChange ?? ''].filter(Boolean).join(', '), diff};
}

/** `enabled, running`, in the words of the preview. */
function unitWords({enabled, active, masked}: ResourceStates['unit']): string {
	if (masked) {
		return t('masked');
	}

	return `${enabled ? t('on at boot') : t('off at boot')}, ${active ? t('running') : t('stopped')}`;
}

function firewallWords({enabled, incoming, outgoing}: ResourceStates['firewall']): string {
	return enabled ? t('on: in {incoming}, out {outgoing}', {incoming, outgoing}) : t('off');
}

function userWords(state: ResourceStates['user']): string {
	return state === null ? t('none') : [state.shell, ...state.groups].join(', ');
}

function certificateWords(state: ResourceStates['certificate']): string {
	if (state === null) {
		return '';
	}

	const {domains, directory, keyType} = state;
	return directory === selfSigned
		? t('{domains}, self-signed, {key}', {domains: domains.join(' '), key: keyType.toUpperCase()})
		: t('{domains}, from {authority}, {key}', {domains: domains.join(' '), authority: authorityOf(directory), key: keyType.toUpperCase()});
}

function detailOf(change: Change): {detail: string; diff?: readonly string[]} {
	switch (change.type) {
		case 'file': {
			return describeFile(change.before, change.desired, change.secret ?? false);
		}

		case 'log':
		case 'mode':
		case 'directory': {
			const [before, after] = [change.before, change.desired].map(state => state === null ? undefined : ownership(state));
			return {detail: before === undefined ? after ?? '' : `${before} → ${after ?? t('none')}`};
		}

		case 'unit': {
			return {detail: `${unitWords(change.before)} → ${unitWords(change.desired)}`};
		}

		case 'firewall': {
			return {detail: `${firewallWords(change.before)} → ${firewallWords(change.desired)}`};
		}

		case 'user': {
			return {detail: change.before === null ? userWords(change.desired) : `${userWords(change.before)} → ${userWords(change.desired)}`};
		}

		case 'sysctl': {
			return {detail: `${change.before?.value ?? t('none')} → ${change.desired?.value ?? t('none')}`};
		}

		case 'selinux-port': {
			return {detail: [change.before, change.desired].filter(state => state !== null).map(({type}) => type).join(' → ')};
		}

		case 'password': {
			return {detail: t('secret, not shown')};
		}

		case 'host-key': {
			const key = change.desired ?? change.before;
			return {detail: key === null ? '' : `${key.type.toUpperCase()} ${key.bits}`};
		}

		case 'venv': {
			const environment = change.desired ?? change.before;
			const packages = environment?.requirements.flatMap(text => text.split('\n')).filter(line => /^[\w[]/.test(line)) ?? [];
			const words = {python: environment?.python ?? '', count: packages.length, lock: environment?.lock ?? ''};
			return {detail: environment === null ? '' : (environment.lock === undefined ? t('{python}, from {count} lines of requirements', words) : t('{python}, from {count} lines of requirements, as locked in {lock}', words)), diff: packages.map(line => ` ${line.replace(/\s*\\$/, '')}`)};
		}

		case 'requirements-lock': {
			return {detail: change.desired === null ? '' : t('each package in one version, with its hash')};
		}

		case 'sandbox': {
			return {detail: change.desired === null ? '' : t('tried out before it is served')};
		}

		case 'checkout': {
			const {before, desired} = change;
			const short = (state: typeof before) => state?.commit?.slice(0, 12) ?? t('the newest');
			const {url, ref} = desired ?? before ?? {url: '', ref: ''};
			const commits = [before, desired].filter(state => state !== null).map(state => short(state)).join(' → ');
			return {detail: t('{url}, {ref}: {commits}', {url, ref, commits})};
		}

		case 'migrations': {
			const {pending} = change.before;
			return {detail: pending.length === 1 ? t('{count} migration', {count: 1}) : t('{count} migrations', {count: pending.length}), diff: pending.map(line => ` ${line}`)};
		}

		case 'static-files': {
			return {detail: change.desired.collected ? t('collected') : t('removed')};
		}

		case 'secret': {
			return {detail: t('random, never shown')};
		}

		case 'repository': {
			return {detail: change.desired === null ? t('this server lets go of it; the backups stay') : t('opened with the stored key, made where there is none')};
		}

		case 'upgrade': {
			const {pending} = change.before;
			return {detail: pending.length === 1 ? t('{count} package', {count: 1}) : t('{count} packages', {count: pending.length}), diff: pending.map(line => ` ${line}`)};
		}

		case 'package': {
			const {version = '', size} = change.about ?? {};
			return {detail: size === undefined ? version : `${version}, ${megabytes(size)}`};
		}

		case 'firewall-rule':
		case 'tool-copy': {
			return {detail: ''};
		}

		case 'certificate': {
			return {detail: change.before === null || change.desired === null ? certificateWords(change.before ?? change.desired) : `${certificateWords(change.before)} → ${certificateWords(change.desired)}`};
		}

		case 'acme-account': {
			return {detail: change.desired?.email ?? ''};
		}

		case 'seed': {
			return describeFile(change.before, change.desired, change.secret ?? false);
		}

		case 'credential': {
			return {detail: t('secret, not shown')};
		}

		case 'block': {
			const {before, desired} = change;
			return describeFile(fileOf(before), fileOf(desired), false);
		}

		case 'own-certificate': {
			return {detail: (change.desired ?? change.before)?.names.join(', ') ?? ''};
		}

		case 'database': {
			const {before, desired} = change;
			return {detail: before === null ? t('owner {owner}', {owner: desired?.owner ?? ''}) : `${databaseWords(before)} → ${databaseWords(desired)}`};
		}

		case 'database-login': {
			const {before, desired} = change;
			return {detail: before !== null && desired !== null ? `${loginWords(before)} → ${loginWords(desired)}` : loginWords(desired ?? before)};
		}
	}
}

function fileOf(state: ResourceStates['block']): FileState | null {
	return state === null ? null : {content: state.lines.map(line => `${line}\n`).join(''), mode: 0o644, owner: 'root', group: 'root'};
}

function databaseWords(state: ResourceStates['database']): string {
	return state === null ? t('none') : t('owner {owner}, everybody may: {everybody}', {owner: state.owner, everybody: state.everybody.join(' ').toLowerCase() || t('nothing')});
}

function loginWords(state: ResourceStates['database-login']): string {
	if (state === null) {
		return t('none');
	}

	const words = t('{owner} in {database}, at most {limit} connections', {owner: state.owner, database: state.database, limit: state.connectionLimit});
	return [words, ...state.rights, ...state.inUse === undefined ? [] : [t('login {which}', {which: state.inUse})], ...state.valid ? [] : [t('out of order')]].join(', ');
}

function megabytes(bytes: number): string {
	return bytes < 1_000_000 ? t('{count} kB', {count: Math.max(1, Math.round(bytes / 1000))}) : t('{count} MB', {count: (bytes / 1_000_000).toFixed(1)});
}

/** A change in words. Secret states are never read here beyond their presence. */
export function describe(change: Change): Description {
	return {
		sign: signOf(change),
		type: change.type,
		name: change.name,
		title: change.name,
		why: change.why,
		...detailOf(change),
		...change.lasting !== undefined && {lasting: change.lasting},
	};
}

/** Whether a package only comes, or goes, with others. */
function comesAlong({type, before, desired}: Change): boolean {
	return type === 'package' && [before, desired].some(state => (state).automatic === true);
}

/** Changes in words. The packages that others need are one line, which opens to the list of them. */
export function describeAll(changes: readonly Change[]): readonly Description[] {
	const along = changes.filter(change => comesAlong(change) && change.lasting === undefined);
	if (along.length < 3) {
		return changes.map(change => describe(change));
	}

	const size = along.reduce((sum, {about}) => sum + (about?.size ?? 0), 0);
	const together: Description = {
		sign: signOf(along[0]!),
		type: 'package',
		name: along.map(({name}) => name).join(' '),
		title: t('{count} packages that come along', {count: along.length}),
		count: along.length,
		detail: size > 0 ? megabytes(size) : '',
		why: along[0]!.why,
		diff: along.map(change => ` ${change.name} ${describe(change).detail}`.trimEnd()),
	};
	const last = changes.indexOf(along.at(-1)!);
	return changes.flatMap((change, index) => index === last ? [together] : (along.includes(change) ? [] : [describe(change)]));
}

/** The change that undo makes of a change. */
export function reversed(change: Change): Change {
	return {...change, before: change.desired, desired: change.before, lasting: undefined} as Change;
}
