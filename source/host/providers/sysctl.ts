import {open, readdir, readFile} from 'node:fs/promises';
import type {Provider, ResourceStates} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {asProblem, codeOf, isHidden} from '../walk.ts';

/**
 * The file of a key. As sysctl(8) has it: where a dot comes first, dots separate and a slash stands for a dot within
 * a name (`net.ipv4.conf.eth0/1.rp_filter`); where a slash comes first, it is the path as it is.
 * Throws for a name that would lead out of /proc/sys.
 */
export function sysctlPath(name: string): string {
	const separator = /[./]/.exec(name)?.[0];
	const path = separator === '.' ? name.replaceAll(/[./]/g, character => character === '.' ? '/' : '.') : name;
	const parts = path.split('/');
	if (parts.some(part => part === '' || part === '.' || part === '..' || /[^\w.@:-]/.test(part))) {
		throw new Error(`Not the name of a kernel setting: ${name}`);
	}

	return `/proc/sys/${path}`;
}

/** Values of several numbers come with tabs from the kernel and with spaces from people. */
export function plainValue(value: string): string {
	return value.trim().replaceAll(/\s+/g, ' ');
}

type State = ResourceStates['sysctl'];

const ofDefault = /^net\.(?<family>ipv[46])\.conf\.default\.(?<key>\w+)$/;

/** The same setting of an interface, whose name may hold dots. */
function ofInterface({family, key}: {family: string; key: string}, name: string): string {
	return `net.${family}.conf.${name.replaceAll('.', '/')}.${key}`;
}

/** What each interface has of a setting whose default this is; undefined for any other setting. */
async function interfacesOf(name: string): Promise<Readonly<Record<string, string>> | undefined> {
	const setting = ofDefault.exec(name)?.groups as {family: string; key: string} | undefined;
	if (!setting) {
		return undefined;
	}

	const names = await readdir(`/proc/sys/net/${setting.family}/conf`);
	const values = await Promise.all(names.filter(entry => entry !== 'all' && entry !== 'default').map(async entry => [entry, await readValue(ofInterface(setting, entry))] as const));
	return Object.fromEntries(values.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

async function read(name: string): Promise<State> {
	const value = await readValue(name);
	if (value === undefined) {
		return null;
	}

	const interfaces = await interfacesOf(name);
	return {value, ...interfaces && {interfaces}};
}

/** Gives interfaces back what they had, where they have inherited the default that is now going. */
async function putBackInterfaces(name: string, wanted: Readonly<Record<string, string>>, going: string): Promise<void> {
	const setting = ofDefault.exec(name)!.groups as {family: string; key: string};
	for (const [entry, value] of Object.entries(wanted)) {
		const place = ofInterface(setting, entry);
		if (value !== going && await readValue(place) === going) {
			await write(place, value);
		}
	}
}

async function readValue(name: string): Promise<string | undefined> {
	try {
		return plainValue(await readFile(sysctlPath(name), 'utf8'));
	} catch (error) {
		if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' || isHidden(error)) {
			return undefined;
		}

		throw asProblem(name, error);
	}
}

async function write(name: string, value: string): Promise<void> {
	try {
		const file = await open(sysctlPath(name), 'r+');
		try {
			await file.write(`${value}\n`);
		} finally {
			await file.close();
		}
	} catch (error) {
		if (codeOf(error) === 'ENOENT') {
			throw new Problem(t('This kernel has no setting {name}.', {name}), t('It may belong to a module that is not loaded, or the kernel was built without it.'), 1);
		}

		throw new Problem(
			t('The kernel refused {name} = {value} ({code}).', {name, value, code: codeOf(error) ?? String(error)}),
			t('In a container, most settings belong to the host and are read-only; on a server of your own, look at the value.'),
			1,
		);
	}
}

/** Running values of the kernel. A key that this kernel does not have is null, and cannot be made or removed. */
export function sysctlProvider(): Provider<'sysctl'> {
	return {
		read,
		async write(name, state) {
			const current = await read(name);
			if (state !== null && current?.value !== plainValue(state.value)) {
				await write(name, state.value);
				if (state.interfaces && current) {
					await putBackInterfaces(name, state.interfaces, current.value);
				}
			} else if (state === null && current !== null) {
				throw new Problem(t('The kernel setting {name} cannot be removed.', {name}), t('It came with a module; it goes with the next start of the server.'), 1);
			}
		},
		same: (left, right) => left === right || (left !== null && right !== null && plainValue(left.value) === plainValue(right.value)),
	};
}
