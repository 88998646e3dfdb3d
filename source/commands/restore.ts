import process from 'node:process';
import type {Flags} from '../cli.ts';
import type {Conversation} from '../engine/conversation.ts';
import {isNothing, planLines, restoredLines, restoredSchema, restorePlanSchema, type RestorePlan} from '../engine/restore-plan.ts';
import {machine} from '../host/host.ts';
import {takeLock} from '../host/lock.ts';
import {prepareStateFolder} from '../host/state-folder.ts';
import {stateFolder} from '../make-bench.ts';
import {assertRoot} from '../root.ts';
import {Problem} from '../problem.ts';
import {linesOn} from '../ui/lines/printer.ts';
import {chooseConversation} from '../ui/choose.ts';
import {exitCodes} from '../wizard.ts';
import {version} from '../version.ts';
import {t} from '../words.ts';

const program = '/usr/local/sbin/harden-backup';
/** Fetching may take a night. */
const longest = 24 * 3_600_000;

type Wish = {paths: readonly string[]; snapshot?: string; to?: string};

async function ask(verb: 'plan' | 'restore', {paths, snapshot, to}: Wish, more: readonly string[], tell: (line: string) => void): Promise<unknown> {
	const options = [...snapshot === undefined ? [] : [`--snapshot=${snapshot}`], ...to === undefined ? [] : [`--to=${to}`], ...more];
	// Its progress comes a line at a time on standard error; the answer, on standard output, is JSON.
	const {exitCode, stdout, stderr} = await machine.run([program, verb, ...options, '--', ...paths], {timeout: longest, onLine(line) {
		if (/^[A-Z]/.test(line)) {
			tell(line);
		}
	}});
	if (exitCode === 127) {
		throw new Problem(t('No backups are set up on this server.'), t('Take the step "Backups" first, with the repository and the key of your recovery sheet: {tool} --only backups'));
	}

	if (exitCode !== 0) {
		throw new Problem(stderr.split('\n').slice(-8).join('\n'), verb === 'plan' ? t('Nothing was touched.') : t('What was replaced before it failed is kept in /var/lib/harden-python-vps/replaced. Put right what it says, and try again.'), 1);
	}

	return JSON.parse(stdout);
}

/** Whether files that were changed since the backup are replaced as well: only for whoever says so. */
async function replacesNewer(plan: RestorePlan, conversation: Conversation, isAgreed: boolean): Promise<boolean> {
	const count = plan.counts.newer;
	return count > 0 && !isAgreed && conversation.confirm(t('Replace the {count} files that were changed since the backup, too? They are kept aside.', {count}), false);
}

async function restore(wish: Wish, conversation: Conversation, {dryRun, isAgreed}: {dryRun: boolean; isAgreed: boolean}): Promise<number> {
	const {print} = linesOn(process.stdout, false);
	const tell = (line: string) => {
		conversation.tell({type: 'write', event: {type: 'output', line}});
	};

	const plan = restorePlanSchema.parse(await ask('plan', {...wish, to: undefined}, [], tell));
	if (wish.to === undefined) {
		print(planLines(plan));
	}

	if (dryRun) {
		return exitCodes.done;
	}

	if (isNothing(plan) && wish.to === undefined) {
		conversation.tell({type: 'note', tone: 'good', text: t('Everything is as it was in the backup.')});
		return exitCodes.done;
	}

	const newer = wish.to === undefined && await replacesNewer(plan, conversation, isAgreed);
	if (!isAgreed && !await conversation.confirm(wish.to === undefined ? t('Restore this?') : t('Restore the backup {id} to {folder}?', {id: plan.snapshot.id, folder: wish.to}), false)) {
		conversation.tell({type: 'note', tone: 'info', text: t('Nothing was touched.')});
		return exitCodes.stopped;
	}

	print(restoredLines(restoredSchema.parse(await ask('restore', wish, newer ? ['--replace-newer'] : [], tell))));
	return exitCodes.done;
}

/** `restore`: shows what would come back and what it would replace, asks, and keeps aside what is replaced. */
export async function restoreCommand(options: Record<string, unknown>, flags: Flags): Promise<number> {
	assertRoot(t('Backups can be read by root only: run it with sudo.'));
	const isAgreed = Boolean(options['yes']) || Boolean(flags.yes);
	const dryRun = flags.dryRun ?? false;
	if (!isAgreed && !dryRun && !process.stdin.isTTY) {
		throw new Problem(t('There is no terminal to ask you on.'), t('Use --yes, or --dry-run to see what it would do.'));
	}

	const wish: Wish = {paths: options['paths'] as readonly string[], snapshot: options['snapshot'] as string | undefined, to: options['to'] as string | undefined};
	const conversation = await chooseConversation({...flags, yes: isAgreed, plain: true}, version);
	const folder = stateFolder();
	let release: (() => Promise<void>) | undefined;
	try {
		if (!dryRun) {
			await prepareStateFolder(folder);
			release = await takeLock(folder, 'restore');
		}

		return await restore(wish, conversation, {dryRun, isAgreed});
	} finally {
		await release?.();
		conversation.close();
	}
}
