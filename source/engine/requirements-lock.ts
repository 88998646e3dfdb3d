import {z} from 'zod';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';

/** Which packages exactly a file of dependencies came to, with their hashes: read from pip's report, written in pip's form. Pure. */

const reportSchema = z.object({
	install: z.array(z.object({
		metadata: z.object({name: z.string(), version: z.string()}),
		/** Named by an address, not by an index. */
		is_direct: z.boolean().default(false),
		download_info: z.object({archive_info: z.object({hash: z.string().default('')}).optional()}),
	})),
});

const nameForm = /^[A-Za-z\d](?:[\w.-]{0,100}[A-Za-z\d])?$/;
const versionForm = /^[\w.+!-]{1,100}$/;
const hashForm = /^sha256=[\da-f]{64}$/;

const head = (of: string) => `# Written by harden-python-vps: what your dependencies came to, with the hash of each package. Installed again, they are
# the same to the byte, or nothing is installed. It is made anew when your file of dependencies changes. To take newer
# versions without that: run the app step with app.lock false, then with true. Do not edit it.
# For: ${of}
`;

function parsed(report: string) {
	try {
		return reportSchema.parse(JSON.parse(report)).install;
	} catch {
		throw new Problem(t('pip did not say which packages it would install.'), t('Set app.lock to false in the answers, or lock the dependencies by yourself, for instance with: pip-compile --generate-hashes'), 1);
	}
}

/** The lock of an environment, whose hash is `of`. The report was written where code of packages may have run: nothing in it is taken for more than it says. */
export function lockFrom(report: string, of: string): string {
	const lines = parsed(report).map(({metadata: {name, version}, is_direct: isDirect, download_info: {archive_info: archive}}) => {
		const hash = archive?.hash ?? '';
		if (isDirect || !nameForm.test(name) || !versionForm.test(version) || !hashForm.test(hash)) {
			throw new Problem(
				t('{name} cannot be locked: it comes from git, a folder or an address, not from an index of packages.', {name: name.slice(0, 60).replaceAll(/[^\w.-]/g, '?')}),
				t('Take it from an index, or set app.lock to false in the answers.'),
				1,
			);
		}

		return `${name.toLowerCase()}==${version} --hash=sha256:${hash.slice('sha256='.length)}\n`;
	});
	return head(of) + lines.toSorted().join('');
}

/** Which environment a lock is for; empty where it does not say. */
export function lockIsFor(text: string): string {
	return /^# For: (?<of>[\da-f]{12})$/m.exec(text)?.groups?.['of'] ?? '';
}

/** What pip is told beside the packages (where to look for them…), which a lock leaves out since it may hold a password. */
export function optionsIn(requirements: readonly string[]): readonly string[] {
	return requirements.flatMap(text => text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)).map(line => line.trim()).filter(line => /^--?[a-z]/.test(line));
}
