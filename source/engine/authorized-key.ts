import {t} from '../words.ts';
import type {AuthorizedKey} from './facts.ts';
import {keyTypes, parsePublicKey} from './public-key.ts';

/** Lines of authorized_keys, sshd(8): `[options] type base64 [comment]`. Pure; hostile input welcome. */

/** A line as it was understood. `unknown` is neither a key nor a comment: sshd skips it, and so do we. */
export type KeyLine =
	| {kind: 'key'; key: AuthorizedKey}
	| {kind: 'empty'}
	/** A certificate, or a key of an authority that signs certificates. */
	| {kind: 'certificate'}
	| {kind: 'unknown'};

/** What the answers may hold, see source/answers.ts. */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const certificate = /^[\w-]+-cert-v\d\d@openssh\.com$/;
const isKeyType = (word: string) => (keyTypes as readonly string[]).includes(word);

/** The options before the type: comma-separated, spaces and commas only between double quotes, in which `\"` is a quote. */
export function splitOptions(line: string): {options: readonly string[]; rest: string} | undefined {
	const options: string[] = [];
	let option = '';
	let isQuoted = false;
	for (let index = 0; index < line.length; index++) {
		const character = line[index]!;
		if (character === '\\' && line[index + 1] === '"') {
			option += String.raw`\"`;
			index++;
		} else if (character === '"') {
			isQuoted = !isQuoted;
			option += character;
		} else if (character === ',' && !isQuoted) {
			options.push(option);
			option = '';
		} else if (/[ \t]/.test(character) && !isQuoted) {
			return {options: [...options, option].filter(Boolean), rest: line.slice(index).trim()};
		} else {
			option += character;
		}
	}

	return undefined;
}

/** One line. Where it is a key, its blob was decoded to the last byte. */
export function parseKeyLine(line: string): KeyLine {
	const text = line.trim();
	if (text === '' || text.startsWith('#')) {
		return {kind: 'empty'};
	}

	const [word = ''] = text.split(/[ \t]/, 1);
	const split = isKeyType(word) || certificate.test(word) ? {options: [], rest: text} : splitOptions(text);
	const [type = '', blob = '', ...comment] = split?.rest.split(/[ \t]+/) ?? [];
	if (certificate.test(type) || split?.options.some(option => option.toLowerCase() === 'cert-authority')) {
		return {kind: 'certificate'};
	}

	const found = split?.options.some(option => option.search(unprintable) !== -1) ? undefined : parsePublicKey(type, blob);
	return found ? {kind: 'key', key: {...found, blob, comment: comment.join(' ').replaceAll(unprintable, ''), options: split!.options}} : {kind: 'unknown'};
}

/** The keys of a file. What is no key is left out. */
export function parseAuthorizedKeys(text: string): readonly AuthorizedKey[] {
	return text.split('\n').map(line => parseKeyLine(line)).flatMap(line => line.kind === 'key' ? [line.key] : []);
}

/** The line that a key stands in. */
export function keyLine({options, type, blob, comment}: AuthorizedKey): string {
	return [options.join(','), type, blob, comment].filter(Boolean).join(' ');
}

/** `ED25519`, `RSA 4096`: as people call it. */
export function keyName({type, bits}: Pick<AuthorizedKey, 'type' | 'bits'>): string {
	const name = type.replace(/^sk-/, '').replace(/^ssh-/, '').replace(/-.*|@.*/, '').replace('dss', 'dsa').toUpperCase();
	const word = type.startsWith('sk-') ? `${name}-SK` : name;
	return name === 'ED25519' ? word : `${word} ${bits}`;
}

/** `command="…"` → `command` and what it runs. */
function optionOf({options}: AuthorizedKey, name: string): string | undefined {
	const found = options.find(option => option.toLowerCase() === name || option.toLowerCase().startsWith(`${name}=`));
	return found?.slice(name.length + 1).replace(/^"(?<value>.*)"$/s, '$<value>').replaceAll(String.raw`\"`, '"');
}

const hasOption = ({options}: AuthorizedKey, name: string) => options.some(option => option.toLowerCase() === name);

/** Cloud images let root's key say only "Please login as the user …" (cloud-init's disable_root). */
export function isCloudLock(key: AuthorizedKey): boolean {
	return /please log ?in as the user/i.test(optionOf(key, 'command') ?? '');
}

/** The key itself, free of what a cloud image locks root with. Other options stay: they are somebody's decision. */
export function unlocked(key: AuthorizedKey): AuthorizedKey {
	const lock = /^(?:command=|no-port-forwarding$|no-agent-forwarding$|no-x11-forwarding$|no-pty$|no-user-rc$)/i;
	return isCloudLock(key) ? {...key, options: key.options.filter(option => !lock.test(option))} : key;
}

/** Why nobody should come in with this key any more; undefined for a strong one. */
export function weakness({type, bits}: Pick<AuthorizedKey, 'type' | 'bits'>): string | undefined {
	if (type === 'ssh-dss') {
		return t('A DSA key can be forged today, and sshd no longer takes it. Make a new one: ssh-keygen -t ed25519');
	}

	return type === 'ssh-rsa' && bits < 3072
		? t('An RSA key of {bits} bits is too short; 3072 is the least. Make a new one: ssh-keygen -t ed25519', {bits})
		: undefined;
}

/** Why the key's options keep it from being an admin's way in; undefined where they do not. */
export function restriction(key: AuthorizedKey): string | undefined {
	if (isCloudLock(key)) {
		return t('The cloud image lets this key only say whom to log in as.');
	}

	if (optionOf(key, 'command') !== undefined) {
		return t('This key may only run one command: {command}', {command: optionOf(key, 'command')!});
	}

	if (hasOption(key, 'restrict') || hasOption(key, 'no-pty')) {
		return t('This key may not open a terminal (restrict or no-pty).');
	}

	const expiry = optionOf(key, 'expiry-time');
	return expiry === undefined ? undefined : t('This key stops working at {time}.', {time: expiry});
}

/** A key that an admin can come in with. */
export function isUsable(key: AuthorizedKey): boolean {
	return weakness(key) === undefined && restriction(key) === undefined;
}

/** Each key once, by what it is and not by its comment; the first one counts. */
export function uniqueKeys(keys: readonly AuthorizedKey[]): readonly AuthorizedKey[] {
	return keys.filter((key, index) => keys.findIndex(other => other.blob === key.blob) === index);
}
