import type {Host} from '../../engine/types.ts';

/** A file that somebody put into the settings of a package. */
export type AddedFile = {package: string; path: string};

/** The folders below /etc that a package's script would remove with all that is in them, whoever put it there: `rm -rf /var/lib/x /etc/x`. */
export function wipedFolders(script: string): readonly string[] {
	return [...script.matchAll(/^[^#\n]*\brm\s+-(?:rf|fr)\s(?<paths>[^;&|\n]*)/gm)]
		.flatMap(({groups}) => groups!['paths']!.split(/\s+/))
		.filter(path => /^\/etc\/\w[\w.+-]*\/?$/.test(path))
		.map(path => path.replace(/\/$/, ''));
}

/** What no package brought, by `dpkg-query --search FOLDER/*`: `package, package: path` a line. */
export function unowned(files: readonly string[], search: string): readonly string[] {
	const owned = new Set(search.split('\n').map(line => line.slice(line.indexOf(': ') + 2)));
	return files.filter(path => !owned.has(path));
}

/** What the packages' own programs put there, beside what the packages brought. */
const madeByPackages: ReadonlySet<string> = new Set(['/etc/letsencrypt/live/README', '/etc/python3/debian_config']);

/** Files of the user's own that purging these packages would take along: sites beside ours in /etc/nginx. */
export async function addedFiles(host: Host, names: readonly string[]): Promise<readonly AddedFile[]> {
	const scripts = await Promise.all(names.map(async name => ({name, script: await host.read(`/var/lib/dpkg/info/${name}.postrm`) ?? ''})));
	const wiped = scripts.flatMap(({name, script}) => wipedFolders(script).map(folder => ({name, folder})));
	const found = await Promise.all(wiped.map(async ({name, folder}) => {
		const [files, search] = await Promise.all([
			host.run(['find', folder, '-xdev', '-type', 'f', '-print']),
			host.run(['dpkg-query', '--search', `${folder}/*`]),
		]);
		return unowned(files.stdout.split('\n').filter(path => path !== '' && !madeByPackages.has(path)), search.stdout).map(path => ({package: name, path}));
	}));
	return found.flat();
}
