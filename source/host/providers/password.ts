import {randomBytes} from 'node:crypto';
import type {Host, Provider} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {keepingBackups, settleBackups} from '../account-backups.ts';
import {shadowOf, userNamed} from '../accounts.ts';
import {mustRun} from '../host.ts';

/** What useradd(8) leaves: no password opens it. Also read for a user that is yet to be made, or where shadow(5) may not be read. */
const none = '!';

/**
 * The password field of a login, and the day of its last change, which only undo writes: chpasswd(8) sets today.
 * It goes to the tools by standard input, since arguments can be seen by every user.
 */
export function passwordProvider(host: Host, stateFolder: string): Provider<'password'> {
	return {
		async read(name) {
			const entry = await shadowOf(host, name);
			return entry ? {hash: entry.hash, lastChanged: entry.lastChanged} : {hash: none};
		},
		async write(name, {hash, lastChanged}) {
			if (/[:\n\r\0]/.test(hash)) {
				throw new Error('Not a password field of shadow(5)');
			}

			if (!await userNamed(host, name)) {
				if (hash === none) {
					await settleBackups(host, stateFolder);
					return;
				}

				throw new Problem(t('There is no user {name}.', {name}), t('Create it first, or choose another one.'), 1);
			}

			const current = await shadowOf(host, name);
			await keepingBackups(host, stateFolder, async () => {
				if (current?.hash !== hash) {
					await mustRun(host, ['chpasswd', '--encrypted'], {input: `${name}:${hash}\n`});
				}

				if (lastChanged !== undefined) {
					// -1 empties the field.
					await mustRun(host, ['chage', '--lastday', String(lastChanged ?? -1), '--', name]);
				}
			});
		},
		same: (left, right) => left.hash === right.hash
			&& (left.lastChanged === undefined || right.lastChanged === undefined || left.lastChanged === right.lastChanged),
	};
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** 144 random bits in crypt(3)'s base 64; a multiple of four characters, so that no bit of the last one is left over. */
function salt(): string {
	return [...randomBytes(24)].map(byte => alphabet[byte % 64]).join('');
}

/**
 * The yescrypt hash of a password, at Debian's own cost, through the crypt(3) of Perl, which every Debian has (perl-base).
 * The password is only ever written to standard input.
 */
export async function hashPassword(host: Host, plaintext: string): Promise<string> {
	if (plaintext === '' || /[\0\n\r]/.test(plaintext)) {
		throw new Problem(t('A password is one line of text, and not empty.'), t('Choose another one.'));
	}

	const program = 'chomp(my $setting = <STDIN>); chomp(my $password = <STDIN>); print crypt($password, $setting)';
	const hash = await mustRun(host, ['perl', '-e', program], {input: `$y$j9T$${salt()}$\n${plaintext}\n`});
	if (!/^\$y\$j9T\$[\w./]{24}\$[\w./]{43}$/.test(hash)) {
		throw new Problem(t('This system cannot make a yescrypt password hash.'), t('Use sudo without a password, or update the system first.'), 1);
	}

	return hash;
}
