/**
 * Runs on the server, bundled: the guard with a stand-in for the tool, which it also is itself. Called with
 * `guard-fire` it waits and crashes as /root/fire.json says, then puts /root/guarded back.
 */
import {appendFileSync, existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {proveThisLogin} from '../../source/host/confirm.ts';
import {guardFor, type Arming} from '../../source/host/guard.ts';
import {machine} from '../../source/host/host.ts';
import {watchLogin} from '../../source/host/login-watch.ts';
import {Problem} from '../../source/problem.ts';

const [command = '', argument = ''] = process.argv.slice(2);
const guard = guardFor(machine, process.env.HARDEN_STATE_DIR ?? '/var/lib/harden-python-vps');

function print(value: unknown): void {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}

function note(text: string, at = Date.now()): void {
	appendFileSync('/root/fired', `${Math.round(at)} ${text}\n`);
}

async function fire(): Promise<void> {
	const record = await guard.claim();
	if (!record) {
		note('nothing to do');
		return;
	}

	note('began', performance.timeOrigin);
	const behaviour = existsSync('/root/fire.json') ? JSON.parse(readFileSync('/root/fire.json', 'utf8')) as {crashes?: number; takes?: number; exits?: number} : {};
	if (behaviour.crashes) {
		writeFileSync('/root/fire.json', JSON.stringify({...behaviour, crashes: behaviour.crashes - 1}));
		process.kill(process.pid, 'SIGKILL');
	}

	await setTimeout(behaviour.takes ?? 0);
	rmSync('/root/guarded', {force: true});
	await guard.fired(`Run ${record.run} is put back.`);
	note('ended');
	process.exitCode = behaviour.exits ?? 0;
}

async function watch(milliseconds: number): Promise<void> {
	const record = await guard.read();
	for await (const sighting of watchLogin(machine, record!, AbortSignal.timeout(milliseconds))) {
		print(sighting);
	}

	print({type: 'end'});
}

const commands: Readonly<Record<string, () => Promise<unknown>>> = {
	'--version': async () => undefined,
	'guard-fire': fire,
	arm: async () => guard.arm({run: 1, step: 'ssh', title: 'SSH', milliseconds: 60_000, login: {user: 'deploy', port: 5922, sudo: 'nopasswd'}, bundle: import.meta.filename, node: process.execPath, ...JSON.parse(argument || '{}') as Partial<Arming>}),
	/** Arms, changes something, and hangs, as a wizard does whose connection was cut. */
	async hang() {
		print(await commands.arm!());
		writeFileSync('/root/guarded', String(process.pid));
		await setTimeout(3_600_000);
	},
	extend: async () => guard.extend(Number(argument)),
	disarm: async () => guard.disarm(),
	read: async () => await guard.read() ?? 'nothing',
	live: async () => guard.isLive(),
	proven: async () => guard.proven('deploy', Number(argument)),
	watch: async () => watch(Number(argument)),
	confirm: async () => proveThisLogin(machine, (await guard.read())!),
};

try {
	const result = await commands[command]!();
	if (result !== undefined) {
		print(result);
	}
} catch (error) {
	if (!(error instanceof Problem)) {
		throw error;
	}

	print({problem: error.message, wayOut: error.wayOut});
}
