/** Small Debian packages of our own, and a repository on the server that offers them: for tests of upgrades. */
import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {command} from './command.ts';
import type {Server} from './server.ts';

export type Deb = {
	name: string;
	version: string;
	/** As in a control file: `hpv-library (>= 1.1), python3`. */
	depends?: string;
	/** Absolute path → content. What is under /etc becomes a conffile. */
	files?: Record<string, string>;
	/** Shell scripts by maintainer script: `{postinst: 'systemctl restart x'}`. */
	scripts?: Partial<Record<'preinst' | 'postinst' | 'prerm' | 'postrm', string>>;
};

/** Which of Debian's archives the repository claims to be, as unattended-upgrades looks at it. */
export type Origin = 'security' | 'main';

const repository = '/var/lib/lab-repository';
const sourceFile = '/etc/apt/sources.list.d/lab.list';

/** A package's control file is also its entry in the index. */
function control({name, version, depends}: Deb): string {
	return [
		`Package: ${name}`,
		`Version: ${version}`,
		'Architecture: all',
		'Section: admin',
		'Priority: optional',
		'Maintainer: The lab <lab@example.com>',
		...(depends ? [`Depends: ${depends}`] : []),
		`Description: A package of the lab, ${name} ${version}`,
		'',
	].join('\n');
}

function fileName({name, version}: Deb): string {
	return `${name}_${version}_all.deb`;
}

/** Builds the package into a folder of this machine and returns its file. */
async function build(deb: Deb, folder: string): Promise<string> {
	const tree = path.join(folder, `${deb.name}_${deb.version}`);
	const files = {[`/usr/share/doc/${deb.name}/version`]: `${deb.version}\n`, ...deb.files};
	for (const [file, content] of Object.entries(files)) {
		await mkdir(path.join(tree, path.dirname(file)), {recursive: true});
		await writeFile(path.join(tree, file), content);
	}

	await mkdir(path.join(tree, 'DEBIAN'));
	await writeFile(path.join(tree, 'DEBIAN/control'), control(deb));
	const conffiles = Object.keys(files).filter(file => file.startsWith('/etc/'));
	await writeFile(path.join(tree, 'DEBIAN/conffiles'), conffiles.map(file => `${file}\n`).join(''));
	for (const [name, script] of Object.entries(deb.scripts ?? {})) {
		await writeFile(path.join(tree, 'DEBIAN', name), `#!/bin/sh\nset -e\n${script}\n`, {mode: 0o755});
	}

	const file = path.join(folder, fileName(deb));
	await command(['dpkg-deb', '--build', '--root-owner-group', '-Zgzip', tree, file]);
	return file;
}

function sha256(content: string | Uint8Array): string {
	return createHash('sha256').update(content).digest('hex');
}

function releaseFile(server: Server, origin: Origin, index: string): string {
	const suffix = origin === 'security' ? '-security' : '';
	return [
		'Origin: Debian',
		`Label: ${origin === 'security' ? 'Debian-Security' : 'Debian'}`,
		`Suite: stable${suffix}`,
		`Codename: ${server.release}${suffix}`,
		`Date: ${new Date().toUTCString()}`,
		'SHA256:',
		` ${sha256(index)} ${index.length} Packages`,
		'',
	].join('\n');
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
	const folder = await mkdtemp(path.join(tmpdir(), 'debs-'));
	try {
		return await work(folder);
	} finally {
		await rm(folder, {recursive: true, force: true});
	}
}

/** Installs packages on the server as they are, with dpkg: the versions "from last month". */
export async function install(server: Server, debs: readonly Deb[]): Promise<void> {
	await withFolder(async folder => {
		for (const deb of debs) {
			await server.copyIn(await build(deb, folder), `${repository}/old/${fileName(deb)}`);
		}
	});
	await server.run(['dpkg', '--install', ...debs.map(deb => `${repository}/old/${fileName(deb)}`)]);
}

/** Makes apt on the server know these packages and no others of ours, without asking the rest of its sources again. */
export async function offer(server: Server, debs: readonly Deb[], origin: Origin = 'security'): Promise<void> {
	await withFolder(async folder => {
		let index = '';
		for (const deb of debs) {
			const content = await readFile(await build(deb, folder));
			await server.write(`${repository}/${fileName(deb)}`, content);
			index += `${control(deb)}Filename: ./${fileName(deb)}\nSize: ${content.length}\nSHA256: ${sha256(content)}\n\n`;
		}

		await server.write(`${repository}/Packages`, index);
		await server.write(`${repository}/Release`, releaseFile(server, origin, index));
		await server.write(sourceFile, `deb [trusted=yes] file:${repository} ./\n`);
	});
	await server.run(['apt-get', 'update', '-o', `Dir::Etc::sourcelist=${sourceFile}`, '-o', 'Dir::Etc::sourceparts=-', '-o', 'APT::Get::List-Cleanup=0']);
}

/** The kinds of upgrade that go wrong in their own ways. `old` is installed; `offered` waits. */
export const upgrades = {
	plain: {
		old: [{name: 'hpv-probe', version: '1.0'}],
		offered: [{name: 'hpv-probe', version: '1.1'}],
	},
	/** The packaged configuration changes: dpkg asks when the user has changed theirs. */
	conffile: {
		old: [{name: 'hpv-conffile', version: '1.0', files: {'/etc/hpv-conffile.conf': 'colour = red\n'}}],
		offered: [{name: 'hpv-conffile', version: '1.1', files: {'/etc/hpv-conffile.conf': 'colour = blue\n'}}],
	},
	/** The new version needs a package that is not installed: `apt-get upgrade` holds it back. */
	dependency: {
		old: [{name: 'hpv-depends', version: '1.0'}],
		offered: [{name: 'hpv-depends', version: '1.1', depends: 'hpv-library (>= 1.1)'}, {name: 'hpv-library', version: '1.1'}],
	},
} satisfies Record<string, {old: Deb[]; offered: Deb[]}>;

/** Leaves the server with these upgrades pending. */
export async function makeUpgradesPending(server: Server, kinds: ReadonlyArray<keyof typeof upgrades>, origin: Origin = 'security'): Promise<void> {
	await install(server, kinds.flatMap(kind => upgrades[kind].old));
	await offer(server, kinds.flatMap(kind => upgrades[kind].offered), origin);
}
