import type {Receiver, Message} from '../vps/receiver.ts';
import type {Server} from '../vps/server.ts';

/** What the stories of alerts have in common: doing something on the server, and what its receivers were told. */

export const sh = async (server: Server, script: string) => (await server.run(['sh', '-euc', script], {timeout: 240_000})).stdout;
export const alert = async (server: Server, ...words: string[]) => server.run(['harden-alert', ...words], {check: false});

/** A look at everything that was said until now; a busy journald may be seconds behind. */
export async function look(server: Server): Promise<void> {
	await server.run(['journalctl', '--sync'], {timeout: 120_000});
	await server.run(['harden-alert', 'watch', '--everything'], {timeout: 120_000});
}

export type Told = {kind: string; title: string; text: string};

const toldIn = (messages: readonly Message[]) => messages.map(({body}) => JSON.parse(body) as Told);

/** What arrives at the webhook while something is done, but for the tests of who is told. */
export async function toldBy(receiver: Receiver, work: () => Promise<unknown>): Promise<readonly Told[]> {
	const before = (await receiver.messages()).length;
	await work();
	return toldIn((await receiver.messages()).slice(before)).filter(({kind}) => kind !== 'test');
}

/** Mails that arrive while something is done: subject and text. */
export async function mailedBy({mail}: Receiver, work: () => Promise<unknown>): Promise<ReadonlyArray<{subject: string; text: string; encrypted: boolean}>> {
	const before = (await mail.events()).length;
	await work();
	return (await mail.events()).slice(before).flatMap(event => event.type === 'mail' ? [{
		subject: /^Subject: (?<subject>.*(?:\n .*)*)$/m.exec(event.data)?.groups?.['subject']?.replaceAll('\n', '') ?? '',
		text: event.data.slice(event.data.indexOf('\n\n') + 2),
		encrypted: event.encrypted,
	}] : []);
}

/** By which ways test messages have come so far. */
export async function tests(receiver: Receiver): Promise<readonly string[]> {
	const hooked = toldIn(await receiver.messages()).filter(({kind}) => kind === 'test').map(() => 'webhook');
	const mailed = (await receiver.mail.events()).filter(event => event.type === 'mail' && event.data.includes('Subject: [vps] Test')).map(() => 'mail');
	return [...hooked, ...mailed];
}
