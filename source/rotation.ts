import type {Answers} from './answers.ts';
import type {Bench} from './bench.ts';
import {apply} from './engine/apply.ts';
import {unfinishedRun} from './engine/journal.ts';
import {providerOf} from './engine/same.ts';
import type {StepId} from './engine/step.ts';
import type {AnyState, Change} from './engine/types.ts';
import {settle} from './engine/undo.ts';
import {isServed, unwell, type AppPlace} from './host/app-health.ts';
import {explain, Problem} from './problem.ts';
import {undoStep} from './run-step.ts';
import {tellApplying} from './telling.ts';
import {takeUp, undoingOf} from './undoing.ts';
import {t} from './words.ts';

/** A rotation that was cut off is put back, whole; any other unfinished run is the wizard's. */
export async function settleRotation(bench: Bench): Promise<void> {
	const {journal} = bench;
	const open = unfinishedRun(journal);
	if (!open) {
		return;
	}

	if (!open.whole) {
		throw new Problem(t('The step "{step}" is not finished.', {step: open.title}), t('Finish it first: run harden-python-vps again.'));
	}

	await settle(open, undoingOf(bench));
}

/** The change from what is there now. */
export async function changeTo({providers}: Bench, resource: Omit<Change, 'before'>): Promise<Change> {
	const before = await providerOf(providers, resource.type).read(resource.name);
	return {...resource, before} as Change;
}

async function applyNow(bench: Bench, run: number, change: Change): Promise<void> {
	const {providers, journal, conversation, clock} = bench;
	await apply({run, changes: [change], providers, journal, tell: event => tellApplying(conversation, event), clock});
	await takeUp(bench, [change]);
}

async function assertWell(bench: Bench, place: AppPlace): Promise<void> {
	const wrong = await unwell(bench.host, place);
	if (wrong !== undefined) {
		throw new Problem(t('The app is not well with the new one. {wrong}', {wrong}), t('Look at its journal: journalctl -u {unit}', {unit: place.service}), 1);
	}
}

/** The app has to be well before, or nobody could tell whether the new credential is what ails it. */
async function assertWellBefore(bench: Bench, place: AppPlace): Promise<boolean> {
	if (!await isServed(bench.host, place)) {
		return false;
	}

	const wrong = await unwell(bench.host, place, 5000);
	if (wrong !== undefined) {
		throw new Problem(t('The app is not well now, so nobody could tell whether a new credential is good. {wrong}', {wrong}), t('Nothing was changed. Put the app right first: journalctl -u {unit}', {unit: place.service}), 1);
	}

	return true;
}

export type Rotation = {
	step: StepId;
	title: string;
	/** The app gets the new one; the old one is still good. */
	turn: Change;
	/** The old one is revoked. */
	revoke?: Change;
	/** What an earlier change of the same thing counts as having written, where its value is in the journal's vault. */
	standIn?: AnyState;
	place: AppPlace;
};

/**
 * A new credential as one transaction: it comes in, the app is restarted with it and has to be well, and only then the old one is
 * revoked. Any failure puts the old one back. A crash before the app was found well does the same, at the next start.
 */
export async function rotate(bench: Bench, {step, title, turn, revoke, standIn, place}: Rotation): Promise<void> {
	const {journal, conversation} = bench;
	const isAsked = await assertWellBefore(bench, place);
	const run = await journal.begin(step, title, {whole: true});
	conversation.tell({type: 'step', title, count: revoke ? 2 : 1});
	try {
		await applyNow(bench, run, turn);
		if (isAsked) {
			await assertWell(bench, place);
		}
	} catch (error) {
		const left = await undoStep(bench, run, explain(error));
		const rest = left.length === 0 ? t('The old one is in force again.') : left.map(({change, why}) => `${change.name}: ${why}`).join(' ');
		throw new Problem(`${explain(error)} ${rest}`, t('Try again when that is put right.'), 1);
	}

	await journal.record({event: 'kept', run});
	await journal.finish(run, t('A credential that was changed does not come back.'), standIn);
	if (revoke) {
		await finish(bench, step, title, revoke);
	}

	conversation.tell({type: 'kept', title, seconds: 0});
}

/** From here on there is no way back: the app is well with the new one. */
export async function finish(bench: Bench, step: StepId, title: string, revoke: Change): Promise<void> {
	const {journal} = bench;
	const run = await journal.begin(step, title, {whole: true});
	await applyNow(bench, run, revoke);
	await journal.record({event: 'kept', run});
	await journal.finish(run, t('A credential that was revoked does not come back.'));
}

export function placeOf(layout: {service: string; socketUnit: string; socket: string}, answers: Answers): AppPlace {
	const [domain] = (answers as {web?: {domains?: readonly string[]}}).web?.domains ?? [];
	return {service: layout.service, socketUnit: layout.socketUnit, socket: layout.socket, ...domain !== undefined && {domain}};
}
