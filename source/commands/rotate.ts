import {stat} from 'node:fs/promises';
import process from 'node:process';
import {layoutOf} from '../../steps/app/layout.ts';
import {loginResource} from '../../steps/postgres/resources.ts';
import {milliseconds, wantedOf} from '../../steps/postgres/wanted.ts';
import type {Answers} from '../answers.ts';
import {variableName} from '../answers/values.ts';
import type {Bench} from '../bench.ts';
import type {Flags} from '../cli.ts';
import {parseLoginName} from '../engine/postgres.ts';
import {inForce} from '../engine/session.ts';
import type {StepId} from '../engine/step.ts';
import type {Change, ResourceStates} from '../engine/types.ts';
import {newSecret} from '../host/providers/credential.ts';
import {makeBench} from '../make-bench.ts';
import {assertRoot} from '../root.ts';
import {Problem} from '../problem.ts';
import {changeTo, finish, placeOf, rotate, settleRotation} from '../rotation.ts';
import {chooseConversation} from '../ui/choose.ts';
import {exitCodes} from '../wizard.ts';
import {version} from '../version.ts';
import {t} from '../words.ts';

/** Runs with the lock and the journal, nobody is asked, and a signal waits until it is through. */
async function withBench(flags: Flags, work: (bench: Bench) => Promise<void>): Promise<number> {
	assertRoot(t('Run it with sudo.'));
	const conversation = await chooseConversation({...flags, yes: true}, version);
	try {
		const bench = await makeBench(conversation, {dryRun: false, unattended: true, steps: []}, t('a rotation'));
		try {
			await settleRotation(bench);
			await work(bench);
			return exitCodes.done;
		} finally {
			await bench.releaseLock();
		}
	} finally {
		conversation.close();
	}
}

/** The answers of a step that was taken. */
function answersOf({session}: Bench, step: StepId): Answers {
	if (!session.done.includes(step)) {
		throw new Problem(t('The step "{step}" was not taken here.', {step}), t('Run harden-python-vps first.'));
	}

	return inForce(session, step);
}

type Login = NonNullable<ResourceStates['database-login']>;

const other = (letter: Login['inUse']) => letter === 'a' ? 'b' as const : 'a' as const;

/** `rotate database`. */
export async function rotateDatabase(options: Record<string, unknown>, flags: Flags): Promise<number> {
	return withBench(flags, async bench => {
		const answers = answersOf(bench, 'postgres');
		const wanted = wantedOf(await bench.facts(), answers);
		if (!wanted) {
			throw new Problem(t('There is no PostgreSQL here that runs.'), t('Start it, then try again: pg_lsclusters shows what there is.'), 1);
		}

		const {file} = parseLoginName(wanted.login);
		if (options['whenDue'] && !await isDue(file, wanted.answers.rotateEvery)) {
			bench.conversation.tell({type: 'note', tone: 'info', text: t('Not due yet.')});
			return;
		}

		const resource = loginResource(wanted);
		const title = t('A new database password');
		const {before} = await changeTo(bench, resource) as Change<'database-login'>;
		if (!before?.valid || before.inUse === undefined) {
			throw new Problem(t('The app has no login here that could be changed.'), t('Run harden-python-vps again: it puts that right.'), 1);
		}

		const settled: Login = {...resource.desired!, inUse: before.inUse, both: false};
		if (before.both) {
			// The last one was cut off just before its end.
			await finish(bench, 'postgres', title, {...resource, reload: undefined, before, desired: settled, why: t('The old password is revoked.')});
		}

		const turned: Login = {...settled, inUse: other(before.inUse), both: true};
		await rotate(bench, {
			step: 'postgres',
			title,
			turn: {...resource, before: await bench.providers['database-login'].read(resource.name), desired: turned, why: t('The app gets the other login, with a new password. The old one is still good.'), lasting: t('A credential that was changed does not come back.')},
			revoke: {...resource, reload: undefined, before: turned, desired: {...turned, both: false}, why: t('The old password is revoked.'), lasting: t('A credential that was revoked does not come back.')},
			place: placeOf(wanted.app, answers),
		});
	});
}

async function isDue(file: string, every: string): Promise<boolean> {
	const {mtimeMs} = await stat(file);
	return every !== 'never' && Date.now() - mtimeMs >= milliseconds(every);
}

async function standardInput(): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of process.stdin) {
		chunks.push(Buffer.from(chunk as Buffer));
	}

	return Buffer.concat(chunks).toString('utf8').replace(/\n$/, '');
}

/** `rotate secret NAME`. */
export async function rotateSecret(options: Record<string, unknown>, flags: Flags): Promise<number> {
	const name = String(options['name']);
	if (!variableName.safeParse(name).success || name === 'DATABASE_URL') {
		throw new Problem(t('`{name}` is no secret that can be changed like this.', {name}), name === 'DATABASE_URL' ? t('Use: {tool} rotate database') : t('Write its name like SECRET_KEY.'));
	}

	const given = options['stdin'] ? await standardInput() : undefined;
	if (given === '') {
		throw new Problem(t('Nothing came in on standard input.'), t('Pipe the new value in, or leave --stdin out to have one made.'));
	}

	return withBench(flags, async bench => {
		const answers = answersOf(bench, 'app');
		const fetched = bench.session.answers.secrets?.vault;
		if (fetched !== undefined && name in fetched.environment) {
			throw new Problem(t('{name} is fetched from {address}.', {name, address: fetched.address}), t('Change it there: the agent brings the new one.'));
		}

		const app = layoutOf(answers.app!.name);
		const {secrets} = await bench.facts();
		const there = secrets.apps[app.user];
		const place = there?.sealed.includes(name) ? `${app.sealed}/${name}` : (there?.plain.includes(name) ? `${app.credentials}/${name}` : undefined);
		if (place === undefined) {
			throw new Problem(t('The app has no secret {name}.', {name}), t('It has: {names}', {names: [...there?.plain ?? [], ...there?.sealed ?? []].join(', ') || t('none')}));
		}

		await rotate(bench, {
			step: bench.session.done.includes('secrets') ? 'secrets' : 'app',
			title: t('A new {name}', {name}),
			turn: await changeTo(bench, {
				type: 'credential',
				name: place,
				desired: {value: given ?? newSecret()},
				why: t('The app is restarted with the new one.'),
				secret: true,
				reload: {unit: app.service, action: 'restart'},
				lasting: t('A credential that was changed does not come back.'),
			}),
			standIn: {},
			place: placeOf(app, answers),
		});
	});
}
