import {writeFile} from 'node:fs/promises';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {aptContentOptions, parseInstallation, saysAll, type Installation} from '../../engine/apt.ts';
import type {Host, WriteContext} from '../../engine/types.ts';
import {snippet} from '../../snippet.ts';
import {aptProblem} from './failure.ts';
import {lockHolder, packageLocks} from './locks.ts';
import {aptGet} from './options.ts';
import {folder, follow, outputFile, processLook, start, statusDescriptor, unit, unitState} from './service.ts';

/**
 * An installation that was accepted, and whose turn is about to come: apt works out what it comes to, fetches it, and waits at
 * the very last moment for a word. It is asked once in place of twice, and what it told is what it does, since it keeps the
 * packages locked meanwhile. When we are gone, it goes too; so it does after ten minutes, and for whoever else of us wants to
 * work on packages.
 */
const gate = `${folder}/stand-by`;
/** There once it waits, with the files that it would unpack. */
const waitingFile = `${folder}/waiting`;
const answerFile = `${folder}/answer`;
const passedFile = `${folder}/passed`;

/** Of sh(1). What did not get past the gate ended as it should: no failed service is left behind, and nobody waits for it. */
const script = `"$@" ${statusDescriptor}>"$0"; code=$?; test -e ${passedFile} && exit $code; echo no >${answerFile}`;

const atTheGate = [`DPkg::Pre-Install-Pkgs::=/bin/sh ${gate} ${process.pid}`, 'DPkg::Lock::Timeout=0'].flatMap(option => ['-o', option]);

/** Has apt stand by to install these. Resolves once it said what that comes to; with nothing where it cannot, or there is nothing to install. */
export async function standBy(host: Host, names: readonly string[]): Promise<Installation | undefined> {
	const isBusy = (await unitState(host)).active && !await decline(host);
	if (isBusy || await lockHolder(host, packageLocks)) {
		return undefined;
	}

	await start(host, aptGet(...atTheGate, ...aptContentOptions, '--no-remove', '--verbose-versions', 'install', ...names), {
		script,
		prepare: async () => writeFile(gate, snippet('apt/stand-by')),
	});
	const isThere = await processLook(host);
	while (await isThere()) {
		// In this order: what it said before it waits is read with it.
		const waiting = await host.read(waitingFile);
		const said = await host.read(outputFile) ?? '';
		if (waiting !== undefined || saysAll(said)) {
			return installationIn(said, waiting);
		}

		await setTimeout(25);
	}

	return undefined;
}

/** With nothing to fetch, its last lines are still with it when it waits: what it said before counts if it is all that it would unpack. */
function installationIn(said: string, waiting: string | undefined): Installation | undefined {
	const {actions} = parseInstallation(said);
	const isAll = saysAll(said) || waiting?.trim().split('\n').length === actions.length;
	return isAll ? {actions, about: new Map(actions.map(({name, to}) => [name, {version: to}]))} : undefined;
}

/** Whether it still does. */
export async function stands(host: Host): Promise<boolean> {
	const [isAsked, isAnswered] = await Promise.all([gate, answerFile].map(async path => host.stat(path)));
	return isAsked !== undefined && isAnswered === undefined;
}

/** The first answer counts. */
async function answer(word: 'go' | 'no'): Promise<boolean> {
	return writeFile(answerFile, word, {flag: 'wx'}).then(() => true, () => false);
}

/** Lets it install, and follows it to its end. False where it had gone away: then nothing was installed. Throws a Problem made from apt's words. */
export async function letGo(host: Host, context: WriteContext): Promise<boolean> {
	if (!await answer('go')) {
		return false;
	}

	const {exitCode, lines} = await follow(host, 'install', context);
	if (exitCode !== 0) {
		throw aptProblem(lines);
	}

	return await host.stat(passedFile) !== undefined;
}

/** Sends away what stands by, whoever asked for it. False where nothing does: what runs then is at work. */
export async function decline(host: Host): Promise<boolean> {
	if (await host.stat(gate) === undefined || !await answer('no')) {
		return false;
	}

	if (await host.stat(waitingFile) === undefined) {
		// It still fetches, which may take long, and it will not get further than that.
		await host.run(['systemctl', 'kill', '--signal=TERM', unit]);
	}

	while ((await unitState(host)).active) {
		await setTimeout(25);
	}

	return true;
}
