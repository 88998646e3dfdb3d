import type {Host} from '../../engine/types.ts';
import {installedPackages, isHere} from '../../engine/installed.ts';
import {simulate} from './simulation.ts';

/**
 * Whether Node came onto this server only to run this tool. Nobody can know that, so all of this has to speak for it:
 * apt installed it within the last day; nothing that stays needs it; no other program runs with it; no service, timer
 * or crontab names it; and no program was installed with npm for everybody.
 */
export type NodeGuest = {
	/** Since when, in milliseconds since the epoch. */
	since: number;
	/** Exactly what would go. */
	packages: readonly string[];
};

export type Transaction = {at: number; installed: readonly string[]};

/** apt's /var/log/apt/history.log: what each transaction newly installed. Times are those of the server's clock. */
export function parseHistory(text: string): readonly Transaction[] {
	return text.split(/\n{2,}/).flatMap(stanza => {
		const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(stanza)?.[1];
		const at = Date.parse((field('Start-Date') ?? '').replace(/ +/, 'T'));
		const installed = [...(field('Install') ?? '').matchAll(/([a-z\d][a-z\d+.-]*):\S+ \([^)]*\)/g)].map(([, name = '']) => name);
		return Number.isNaN(at) || installed.length === 0 ? [] : [{at, installed}];
	});
}

const roots = ['nodejs', 'npm'] as const;
const day = 86_400_000;
/** What npm's global folder holds of its own. */
const ofNpm = new Set(['npm', 'corepack', 'harden-python-vps']);

/** Process and parent, from proc(5) stat; the program's name in parentheses may hold anything. */
export function parseParent(stat: string): number {
	return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

async function ourProcesses(host: Host): Promise<ReadonlySet<number>> {
	const ours = new Set<number>();
	for (let pid = Number((await host.read('/proc/self/stat'))?.split(' ')[0]); pid > 1 && !ours.has(pid);) {
		ours.add(pid);
		pid = parseParent(await host.read(`/proc/${pid}/stat`) ?? '');
	}

	return ours;
}

/** Nothing else of ours may be starting meanwhile: between fork and exec a child of ours is a second node. */
async function isRunByOthers(host: Host): Promise<boolean> {
	const ours = await ourProcesses(host);
	const running = await host.run(['find', '/proc', '-maxdepth', '2', '-name', 'exe', '(', '-lname', '*/node', '-o', '-lname', '*/nodejs', ')', '-printf', String.raw`%h\n`]);
	return running.stdout.split('\n').some(path => {
		const pid = Number(/^\/proc\/(\d+)$/.exec(path)?.[1]);
		return pid > 0 && !ours.has(pid);
	});
}

async function isUsedByOthers(host: Host): Promise<boolean> {
	if (await isRunByOthers(host)) {
		return true;
	}

	const [named, ...globals] = await Promise.all([
		host.run(['grep', '-rlE', '(^|[ =/"])(node|nodejs|npm|npx)([ "]|$)', '/etc/systemd/system', '/etc/crontab', '/etc/cron.d', '/var/spool/cron']),
		host.list('/usr/local/lib/node_modules'),
		host.list('/usr/lib/node_modules'),
	]);
	return named.stdout !== '' || globals.flat().some(name => !ofNpm.has(name) && !name.startsWith('.'));
}

/** Node and what came with it, where it came only for this tool; undefined where it stays, or did not come by apt. */
export async function nodeGuest(host: Host, now = Date.now()): Promise<NodeGuest | undefined> {
	const [history, installed] = await Promise.all([host.read('/var/log/apt/history.log'), installedPackages(host)]);
	const transactions = parseHistory(history ?? '').filter(({at, installed: names}) => now - at < day && roots.some(root => names.includes(root)));
	const present = roots.filter(root => isHere(installed.get(root)));
	const came = new Set(transactions.flatMap(({installed: names}) => names));
	if (!present.includes('nodejs') || !present.every(root => came.has(root)) || await isUsedByOthers(host)) {
		return undefined;
	}

	const unneeded = await simulate(host, '--auto-remove', 'remove', ...present);
	const packages = unneeded.filter(({action, name}) => action === 'remove' && came.has(name)).map(({name}) => name);
	const going = new Set(packages);
	// Without their help nothing else may go, or come.
	const alone = await simulate(host, 'remove', ...packages);
	return alone.every(({action, name}) => action === 'remove' && going.has(name))
		? {since: Math.min(...transactions.map(({at}) => at)), packages: packages.toSorted()}
		: undefined;
}
