import process from 'node:process';
import {steps} from '../../steps/index.ts';
import type {Flags} from '../cli.ts';
import type {Conversation} from '../engine/conversation.ts';
import {unfinishedRun} from '../engine/journal.ts';
import {inForce} from '../engine/session.ts';
import {settle} from '../engine/undo.ts';
import {closeOldWay} from '../guarded.ts';
import {proveThisLogin} from '../host/confirm.ts';
import {guardFor} from '../host/guard.ts';
import {machine} from '../host/host.ts';
import {lockHolder} from '../host/lock.ts';
import {reloadServices} from '../host/reload.ts';
import {makeBench, stateFolder} from '../make-bench.ts';
import {Problem} from '../problem.ts';
import {assertRoot} from '../root.ts';
import {putBack} from '../run-step.ts';
import {undoingOf} from '../undoing.ts';
import {unattendedConversation} from '../ui/unattended.ts';
import {t} from '../words.ts';

/** `confirm`: this login is the proof. The wizard, if it still lives, goes on by itself; otherwise the rest is done here. */
export async function confirmCommand(flags: Flags): Promise<number> {
	assertRoot(t('Run it in the new login, with sudo: sudo {tool} confirm'));
	const guard = guardFor(machine, stateFolder());
	const record = await guard.read();
	if (record === undefined || record.state === 'fired') {
		throw new Problem(t('Nothing waits for a new login.'), t('Look at what was done: {tool} status'));
	}

	const proof = await proveThisLogin(machine, record);
	if (!proof.ok) {
		throw new Problem(proof.why, proof.wayOut);
	}

	await guard.proven(proof.who, flags.guardTimeout);
	const conversation = unattendedConversation({stdout: process.stdout, color: false, verbose: false});
	if (await lockHolder(stateFolder())) {
		conversation.tell({type: 'note', tone: 'good', text: t('Proven: {who}. The wizard goes on in its own window.', {who: proof.who})});
		return 0;
	}

	return finishAlone(conversation, flags, record.run, proof.who);
}

/** The wizard is gone (its connection was cut, or it was killed): closes the old way in its place. */
async function finishAlone(conversation: Conversation, flags: Flags, run: number, who: string): Promise<number> {
	const bench = await makeBench(conversation, {dryRun: false, unattended: true, steps, guardTimeout: flags.guardTimeout}, 'confirm');
	try {
		const open = unfinishedRun(bench.journal);
		const step = steps.find(({id}) => id === open?.step);
		if (open?.run !== run || !step) {
			await bench.guard.disarm();
			return 0;
		}

		const {continued} = await settle(open, {
			...undoingOf(bench),
			reload: async changes => reloadServices(bench.host, changes, () => {/* nobody watches */}),
		});
		if (!continued) {
			await bench.guard.disarm();
			return 1;
		}

		const answers = inForce(bench.session, step.id);
		try {
			await closeOldWay(bench, run, step, answers);
		} catch (error) {
			await putBack(bench, run, t('It could not be finished.'));
			throw error;
		}

		await bench.saveSession({done: [...new Set([...bench.session.done, step.id])]});
		conversation.tell({type: 'note', tone: 'good', text: t('Proven: {who}. The step "{step}" is kept. Run harden-python-vps again to go on with the rest.', {who, step: step.title})});
		return 0;
	} finally {
		await bench.releaseLock();
	}
}
