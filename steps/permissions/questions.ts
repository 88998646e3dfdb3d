import {parseSudoCommand, sudoObjection} from '../../source/engine/sudo-command.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts, Listener} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import {auditObjection} from './audit.ts';
import {fixedSettings, usersOf, wantedSettings} from './kernel.ts';
import {wantedPlaces} from './places.ts';
import {foundServices} from './services.ts';
import {servicesToStop} from './resources.ts';

const octal = (mode: number) => mode.toString(8).padStart(4, '0');

function filesQuestion(facts: Facts, answers: Answers): Question {
	return {
		id: 'permissions.files',
		kind: 'confirm',
		default: answers.permissions?.files ?? true,
		message: t('Put owners and modes of the system\'s own files right?'),
		why: t('Password hashes, keys, sudo\'s rules and root\'s jobs are then root\'s alone. What is stricter already stays.'),
		explain: wantedPlaces(facts).map(({path, desired}) => `${octal(desired.mode)} ${desired.owner}:${desired.group}  ${path}`).join('\n'),
	};
}

function kernelQuestion(facts: Facts, answers: Answers): Question {
	const {routes, debugging, tracing} = usersOf(facts);
	const spared = [...routes, ...debugging, ...tracing];
	const fixed = fixedSettings(facts);
	return {
		id: 'permissions.sysctl',
		kind: 'confirm',
		default: answers.permissions?.sysctl ?? true,
		message: t('Make the kernel stricter?'),
		why: spared.length > 0
			? t('Forged packets are dropped, and programs cannot look into one another. What {users} need here stays as it is.', {users: spared.slice(0, 5).join(', ')})
			: t('Forged packets are dropped, and programs cannot look into one another.'),
		risk: t('A debugger that is installed later may need kernel.yama.ptrace_scope = 0 in a file of your own.'),
		explain: [
			...wantedSettings(facts).map(({key, value}) => `${key} = ${value}`),
			...fixed.length > 0 ? [t('Not available here, because they belong to the host of this container: {keys}', {keys: fixed.join(', ')})] : [],
		].join('\n'),
	};
}

const portOf = ({port, protocol}: Listener) => protocol === 'tcp' ? String(port) : `${port}/${protocol}`;

function serviceQuestions(facts: Facts, answers: Answers): readonly Question[] {
	const found = foundServices(facts);
	const stopped = servicesToStop(facts, answers);
	const gone = stopped.filter(name => !found.some(({service}) => service.name === name));
	return found.length === 0 ? [] : [{
		id: 'permissions.disableServices',
		kind: 'checkbox',
		message: t('These services listen for others. Which should be turned off?'),
		why: t('What does not listen cannot be attacked. Chosen already are those that no web app needs.'),
		risk: t('Whoever uses one of them is cut off. Undo starts it again.'),
		default: stopped,
		choices: [
			...found.map(({service, listeners}) => ({
				value: service.name,
				label: t('{name} on {ports}', {name: service.name, ports: [...new Set(listeners.map(listener => portOf(listener)))].join(', ')}),
				hint: t('needed by: {who}', {who: service.neededBy()}),
			})),
			...gone.map(name => ({value: name, label: name, hint: t('turned off already')})),
		],
	}];
}

/** One command a line. */
const linesOf = (text: string) => text.split('\n').map(line => line.trim()).filter(Boolean);

function sudoQuestion(facts: Facts, answers: Answers): Question {
	return {
		id: 'permissions.sudoCommands',
		kind: 'text',
		lines: true,
		message: t('Should somebody be able to run certain commands as root, and no others?'),
		why: t('For a deployment script, say: one command with its arguments, without a password and without becoming root.'),
		risk: t('A program that starts a shell would hand over the whole server, so editors, pagers, interpreters and the like are refused.'),
		explain: t('One command a line, with its absolute path: `/usr/bin/systemctl restart shop.service`. For somebody else than the admin write the user first: `ci: /usr/bin/systemctl restart shop.service`.'),
		default: (answers.permissions?.sudoCommands ?? []).join('\n'),
		placeholder: t('none'),
		validate(value) {
			for (const line of linesOf(value)) {
				const why = sudoObjection(line);
				if (why !== undefined) {
					return t('`{line}` cannot be let run as root: {why}.', {line, why});
				}

				const {user} = parseSudoCommand(line)!;
				if (user !== undefined && !facts.users.some(({name}) => name === user)) {
					return t('There is no user {user}. Create one first (adduser {user}).', {user});
				}
			}

			return undefined;
		},
		parse: linesOf,
	};
}

function auditQuestion(facts: Facts, answers: Answers): readonly Question[] {
	return auditObjection(facts) === undefined
		? [{
			id: 'permissions.auditd',
			kind: 'confirm',
			default: answers.permissions?.auditd ?? true,
			message: t('Keep a record of who changes accounts, sudo, SSH, the web server and the app?'),
			why: t('After a break-in it tells what was done. auditd writes it, out of reach of everybody but root.'),
			risk: t('It takes up to some hundred megabytes of disk. It can never stop the server.'),
		}]
		: [];
}

export function questions(facts: Facts, answers: Answers): readonly Question[] {
	return [
		filesQuestion(facts, answers),
		kernelQuestion(facts, answers),
		...serviceQuestions(facts, answers),
		...auditQuestion(facts, answers),
		sudoQuestion(facts, answers),
	];
}
