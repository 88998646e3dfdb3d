import {t} from '../words.ts';
import {keyLine, parseKeyLine, restriction, uniqueKeys, unlocked, weakness} from './authorized-key.ts';
import type {AuthorizedKey} from './facts.ts';

/** What somebody pasted where public keys were asked for: keys, or what is wrong with it and how to put it right. */
export type Pasted = {keys: readonly AuthorizedKey[]; objection?: string};

/** How to make a key on one's own computer, for each system. */
export function howToMakeOne(): string {
	return [
		t('Make one on your own computer, not on this server, and give it a passphrase when it asks for one:'),
		t('  Linux, macOS, Windows (PowerShell):  ssh-keygen -t ed25519'),
		t('Then show its public half, and paste that line here:'),
		t('  Linux, macOS:          cat ~/.ssh/id_ed25519.pub'),
		t(String.raw`  Windows (PowerShell):  type $env:USERPROFILE\.ssh\id_ed25519.pub`),
	].join('\n');
}

/** Forms that are not a line of authorized_keys, the dangerous one first. */
const otherForms: ReadonlyArray<[form: RegExp, objection: () => string]> = [
	[/PRIVATE KEY|PuTTY-User-Key-File/i, () => t('STOP: this is a PRIVATE key. It must never leave your computer. It was not kept here, but it has been on this screen: if anybody else can have seen it, make a new pair. What belongs here is the public half, one line in the file that ends in .pub.')],
	[/BEGIN SSH2 PUBLIC KEY/, () => t('This is the form that PuTTY saves. In PuTTYgen, open your key and copy the box "Public key for pasting into OpenSSH authorized_keys file". Or convert the file: ssh-keygen -i -f FILE')],
	[/BEGIN (?:RSA )?PUBLIC KEY/, () => t('This is a public key in PEM form. Convert the file: ssh-keygen -i -m PKCS8 -f FILE')],
	[/^(?:SHA256|MD5):/m, () => t('This is only the fingerprint of a key. The key itself is one line in the file that ends in .pub.')],
	[/^https?:\/\//m, () => t('This is an address. Open it, and paste the keys that it shows.')],
	[/^(?:~|\.{0,2}\/|[A-Za-z]:\\)\S*\.pub$/m, () => t('This is the name of the file. Show the file on your computer (cat NAME), and paste the line that is in it.')],
];

function objectionTo(line: string, number: number): string | undefined {
	const parsed = parseKeyLine(line);
	switch (parsed.kind) {
		case 'empty': {
			return undefined;
		}

		case 'certificate': {
			return t('Line {number} is a certificate. Paste the key itself: the file that ends in .pub, without -cert.', {number});
		}

		case 'unknown': {
			return /^[A-Za-z\d+/=]+$/.test(line.trim())
				? t('Line {number} is a piece of a key. A key is one line: the terminal or an editor broke it up. Copy it again, in one piece.', {number})
				: t('Line {number} is not a public key. One starts with ssh-ed25519, ecdsa-sha2-nistp256 or ssh-rsa, and is one whole line.', {number});
		}

		case 'key': {
			return weakness(parsed.key) ?? restriction(unlocked(parsed.key));
		}
	}
}

/** Reads pasted text. The first thing wrong with it is told; then no keys are given. */
export function readPastedKeys(text: string): Pasted {
	const form = otherForms.find(([pattern]) => pattern.test(text));
	if (form) {
		return {keys: [], objection: form[1]()};
	}

	const lines = text.split(/\r?\n/);
	const objection = lines.map((line, index) => objectionTo(line, index + 1)).find(Boolean);
	if (objection !== undefined) {
		return {keys: [], objection};
	}

	const keys = lines.map(line => parseKeyLine(line)).flatMap(line => line.kind === 'key' ? [unlocked(line.key)] : []);
	return {keys: uniqueKeys(keys)};
}

/** The keys of stored answers; what they refuse is told with the same words. */
export function readKeyList(lines: readonly string[]): Pasted {
	return readPastedKeys(lines.join('\n'));
}

/** As they are stored in the answers. */
export function keyList({keys}: Pasted): readonly string[] {
	return keys.map(key => keyLine(key));
}
