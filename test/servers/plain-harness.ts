/** A conversation in plain lines, for a terminal on a server. What it was told goes to the file it is given, one JSON a line. */
import {appendFileSync} from 'node:fs';
import process from 'node:process';
import type {Place} from '../../source/engine/conversation.ts';
import type {Question} from '../../source/engine/step.ts';
import {plainConversation} from '../../source/ui/plain/conversation.ts';

const file = process.argv[2] ?? '/root/told';
const place: Place = {steps: [{id: 'ssh', title: 'SSH', today: '', state: 'current'}], index: 0, total: 1, dryRun: false};
const why = {why: 'Because.', id: 'ssh.x'};
const questions: readonly Question[] = [
	{...why, kind: 'text', message: 'Which port?', default: '5922', validate: value => /^\d+$/.test(value) ? undefined : 'Type a number.', parse: Number},
	{...why, kind: 'text', message: 'Which keys?', default: '', lines: true, validate: value => value.startsWith('ssh-') ? undefined : 'This is no key.', parse: String},
	{...why, kind: 'password', message: 'Which password?', default: '', validate: value => value.length > 3 ? undefined : 'Too short.'},
];

// As the tool does: a terminal that goes away ends nothing by itself.
process.on('SIGHUP', () => {/* the conversation says quit */});
process.stdout.on('error', () => {/* nobody is there */});

const {stdin, stdout, env} = process;
const conversation = plainConversation({stdin, stdout, color: true, env});
const told = (value: unknown) => {
	appendFileSync(file, `${JSON.stringify(value)}\n`);
};

for (const question of questions) {
	const reply = await conversation.ask(question, place);
	told(reply);
	if (reply.type === 'quit') {
		conversation.close();
		process.kill(process.pid, 'SIGKILL');
	}
}

const over = new AbortController();
setTimeout(() => {
	conversation.sighted({type: 'sudo', user: 'deploy'});
}, 500);
told(await conversation.guard({title: 'SSH', command: 'ssh -p 5922 deploy@203.0.113.10', login: {user: 'deploy', port: 5922, sudo: 'nopasswd'}, deadline: Date.now() + 32_000}, over.signal));
told(await conversation.confirm('Keep it?', false));
conversation.close();
