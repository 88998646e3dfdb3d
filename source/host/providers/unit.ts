import {setTimeout} from 'node:timers/promises';
import {isDeepStrictEqual} from 'node:util';
import type {Host, Provider, ResourceStates, WriteContext} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {mustRun} from '../host.ts';
import {isWanted, linksOf, readLinks, settleLinks, type Links} from '../unit-links.ts';

type UnitState = ResourceStates['unit'];

const properties = ['Id', 'UnitFileState', 'ActiveState', 'SubState', 'Type', 'NRestarts'] as const;
/** What systemd says of a unit, as org.freedesktop.systemd1(5) names it. */
export type UnitProperties = Record<typeof properties[number], string>;

/** Lines of `systemctl show`, in any order; a property that a unit does not have is empty. */
export function parseProperties(output: string): UnitProperties {
	const found = Object.fromEntries(output.split('\n').map(line => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]));
	return Object.fromEntries(properties.map(name => [name, found[name] ?? ''])) as UnitProperties;
}

const isUnderway = (state: string) => state === 'activating' || state === 'deactivating';
const isActive = (state: string) => state === 'active' || state === 'reloading' || state === 'refreshing';

async function show(host: Host, name: string): Promise<UnitProperties> {
	return parseProperties(await mustRun(host, ['systemctl', 'show', `--property=${properties.join(',')}`, '--', name]));
}

/** Waits while the unit is on its way up or down: half a minute, and five seconds for one that has died and is to be started again. */
async function settled(host: Host, name: string): Promise<UnitProperties> {
	const began = Date.now();
	for (;;) {
		const found = await show(host, name);
		const patience = found.SubState.startsWith('auto-restart') ? 5000 : 30_000;
		if (!isUnderway(found.ActiveState) || Date.now() - began > patience) {
			return found;
		}

		await setTimeout(200);
	}
}

/**
 * `enabled` means: starts with the server, by the unit's own links in /etc. So `enabled-runtime` (gone with the next
 * start), `static` and `indirect` (started by others) and `linked` are not. A mask hides the rest: then its links are
 * asked. A unit made from a script of System V (`generated`) is asked of systemctl, which asks update-rc.d.
 */
async function isEnabled(host: Host, name: string, state: string, links: Links): Promise<boolean> {
	if (state === 'generated') {
		return (await host.run(['systemctl', 'is-enabled', '--quiet', '--', name])).exitCode === 0;
	}

	return state === 'enabled' || (state.startsWith('masked') && isWanted(name, links));
}

async function read(host: Host, name: string): Promise<UnitState & {links: Links}> {
	const [found, links] = await Promise.all([settled(host, name), readLinks()]);
	return {
		enabled: await isEnabled(host, name, found.UnitFileState, links),
		active: isActive(found.ActiveState),
		...(found.ActiveState === 'failed' || found.ActiveState === 'activating') && {failed: true},
		masked: found.UnitFileState === 'masked',
		links: linksOf(name, links),
	};
}

async function lastWords(host: Host, name: string): Promise<string> {
	const {stdout} = await host.run(['journalctl', '--no-pager', '--quiet', '--output=cat', '--lines=8', `--unit=${name}`]);
	return stdout;
}

async function didNotStart(host: Host, name: string, reason: string): Promise<Problem> {
	return new Problem(
		t('{unit} did not start. Its journal says last:\n{words}', {unit: name, words: await lastWords(host, name) || reason}),
		t('Put that right, then try again. More of it: journalctl -u {unit}', {unit: name}),
		1,
	);
}

async function assertActive(host: Host, name: string): Promise<UnitProperties> {
	const found = await show(host, name);
	if (!isActive(found.ActiveState)) {
		throw await didNotStart(host, name, found.ActiveState);
	}

	return found;
}

/** A unit that starts itself again is up between two of its deaths: those are counted. */
async function watchIt(host: Host, name: string, {NRestarts}: UnitProperties): Promise<void> {
	for (let look = 0; look < 4; look++) {
		await setTimeout(200);
		const found = await assertActive(host, name);
		if (found.NRestarts !== NRestarts) {
			throw await didNotStart(host, name, found.ActiveState);
		}
	}
}

/** Starts a unit and looks whether it stays: a simple service counts as started before it has read its configuration. */
async function start(host: Host, name: string, watch: WriteContext['watch']): Promise<void> {
	const {exitCode, stderr} = await host.run(['systemctl', 'start', '--', name], {timeout: 120_000});
	if (exitCode !== 0) {
		throw await didNotStart(host, name, stderr);
	}

	const found = await assertActive(host, name);
	if (['simple', 'exec', 'idle'].includes(found.Type)) {
		const watching = watchIt(host, name, found);
		if (watch) {
			watch(watching);
		} else {
			await watching;
		}
	}
}

async function stop(host: Host, name: string): Promise<void> {
	await mustRun(host, ['systemctl', 'stop', '--', name], {timeout: 120_000});
	// A service that failed would be reported as failed for ever.
	await host.run(['systemctl', 'reset-failed', '--', name]);
}

/**
 * Changes what is enabled by systemctl, then puts the links of all other units back to what they were: `Also=` takes
 * units along, enabled or not before, and undo could not tell them apart. Such a unit is a resource of its own.
 */
async function relink(host: Host, name: string, verbs: readonly string[]): Promise<void> {
	const before = await readLinks();
	for (const verb of verbs) {
		await mustRun(host, ['systemctl', verb, '--', name]);
	}

	const after = await readLinks();
	const own = linksOf(name, before);
	const others = Object.fromEntries(Object.entries(before).filter(([path]) => own[path] === undefined));
	if (await settleLinks({...others, ...linksOf(name, after)}, after)) {
		await mustRun(host, ['systemctl', 'daemon-reload']);
	}
}

/** Undo knows the links as they were, which systemctl cannot always make again (System V's, a mask above a link). */
async function restoreLinks(host: Host, name: string, links: Links): Promise<void> {
	if (await settleLinks(links, linksOf(name, await readLinks()))) {
		await mustRun(host, ['systemctl', 'daemon-reload']);
	}
}

function assertCanBeEnabled(name: string, {Id, UnitFileState}: UnitProperties): void {
	if (Id !== name) {
		throw new Error(`${name} is another name of ${Id}; plan for that`);
	}

	if (UnitFileState === 'static' || UnitFileState === 'indirect') {
		throw new Problem(t('{unit} cannot be set to start with the server: other units start it.', {unit: name}), t('Enable the unit that starts it, such as its socket or timer.'), 1);
	}
}

function verbsFor(current: UnitState, desired: UnitState): readonly string[] {
	return [
		...current.masked && !desired.masked ? ['unmask'] : [],
		...current.enabled === desired.enabled || (current.masked && desired.masked) ? [] : [desired.enabled ? 'enable' : 'disable'],
		...!current.masked && desired.masked ? ['mask'] : [],
	];
}

/** Links count where both sides know them: between what was read, not against what a step asks for. */
function isSame(left: UnitState, right: UnitState): boolean {
	return left.enabled === right.enabled && left.active === right.active && left.masked === right.masked
		&& (!left.links || !right.links || isDeepStrictEqual({...left.links}, {...right.links}));
}

/** Whether enabling a unit also gives it another name: `Alias=` of systemd.unit(5). */
async function hasAlias(host: Host, name: string): Promise<boolean> {
	return /^Alias=/m.test((await host.run(['systemctl', 'cat', '--', name])).stdout);
}

/** The service that a socket starts, while it runs. */
async function serviceBehind(host: Host, name: string): Promise<string | undefined> {
	const {stdout} = name.endsWith('.socket') ? await host.run(['systemctl', 'show', '--property=Triggers', '--value', '--', name]) : {stdout: ''};
	const [service] = stdout.split(' ');
	return service && isActive((await show(host, service)).ActiveState) ? service : undefined;
}

async function changeLinks(host: Host, name: string, current: UnitState, desired: UnitState): Promise<void> {
	if (desired.links) {
		await restoreLinks(host, name, desired.links);
		return;
	}

	const verbs = verbsFor(current, desired);
	if (verbs.length > 0) {
		await relink(host, name, verbs);
	}
}

/**
 * Down: stop, disable, mask. Up: unmask, enable, start. What is so already is left alone. Two things that systemd would
 * get wrong, tried with sshd on Debian 12 and 13: a unit that gets a new name while it runs is forgotten, its process
 * still listening (systemd 257); and a socket is refused while its service runs without it. Both stop for the moment.
 */
async function write(host: Host, name: string, desired: UnitState, {watch}: WriteContext): Promise<void> {
	const current = await read(host, name);
	if (isSame(current, desired)) {
		return;
	}

	// Not left to NeedDaemonReload, which says nothing of a unit's first drop-in. To be enabled, or not, does it by the way.
	const doesAnyway = !current.active && !desired.links && verbsFor(current, desired).length > 0 && !name.endsWith('.socket');
	if (!doesAnyway) {
		await mustRun(host, ['systemctl', 'daemon-reload']);
	}

	const behind = current.active === desired.active ? undefined : await serviceBehind(host, name);
	const isRenamed = current.active && desired.enabled && !current.enabled && await hasAlias(host, name);
	// One that failed may be about to try again.
	if ((current.active || current.failed) && (!desired.active || isRenamed)) {
		await stop(host, name);
	}

	await changeLinks(host, name, current, desired);
	const now = await settled(host, name);
	if (desired.enabled && !desired.links) {
		assertCanBeEnabled(name, now);
	}

	if (behind && desired.active) {
		await stop(host, behind);
	}

	if (desired.active && !isActive(now.ActiveState)) {
		await start(host, name, watch);
	}

	if (behind && !isActive((await settled(host, behind)).ActiveState)) {
		await start(host, behind, watch);
	}
}

/** Services, sockets, timers and other units, by their full names. Uses systemctl(1), which has to be there. */
export function unitProvider(host: Host): Provider<'unit'> {
	return {
		read: async name => read(host, name),
		write: async (name, state, context) => write(host, name, state, context),
		same: isSame,
		complaint: async (name, current) => current.failed ? didNotStart(host, name, 'failed') : undefined,
		// Started, and not up any more: nobody stopped it.
		came: (current, written) => Boolean(current.failed && written.active) && isSame({...current, active: true}, written),
	};
}
