import type {ExecutionContext} from 'ava';
import {answersSchema, type Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {Problem} from '../../source/problem.ts';
import {sshStep} from '../../steps/ssh/index.ts';
import {samples} from '../engine/sample-keys.ts';
import {deploy, facts, keyFile, root, saying, sshFacts} from './ssh-facts.ts';

/** What the step plans, in both of its phases, and what is in it. */

export const dropIn = '/etc/ssh/sshd_config.d/00-harden-python-vps.conf';
export const cloudLock = String.raw`no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo 'Please login as the user \"debian\" rather than the user \"root\".';echo;sleep 10;exit 142"`;

export function answers(ssh: Record<string, unknown> = {}): Answers {
	return answersSchema.parse({ssh});
}

export function find<K extends Resource['type']>(resources: readonly Resource[], type: K, name?: string): Extract<Resource, {type: K}> | undefined {
	return resources.find((resource): resource is Extract<Resource, {type: K}> => resource.type === type && (name === undefined || resource.name === name));
}

export function textOf(resources: readonly Resource[], name = dropIn): string {
	const desired = find(resources, 'file', name)?.desired;
	return desired && 'content' in desired ? desired.content : '';
}

export const final = (host: Facts, ssh: Record<string, unknown> = {}) => sshStep.resources(host, answers(ssh));
export const bridge = (host: Facts, ssh: Record<string, unknown> = {}) => sshStep.guard!(host, answers(ssh))!.bridge;
export const lines = (text: string) => text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
export const names = (resources: readonly Resource[]) => resources.map(({type, name}) => `${type} ${name}`);

export function refuses(t: ExecutionContext, host: Facts, ssh: Record<string, unknown>, words: RegExp): void {
	for (const plan of [final, bridge]) {
		const problem = t.throws(() => plan(host, ssh), {instanceOf: Problem});
		t.regex(`${problem?.message} ${problem?.wayOut}`, words);
	}
}

/** What the facts are once the step was kept. */
export function hardened(): Facts {
	const content = textOf(final(facts()));
	const own = {...deploy, groups: ['sudo'], shell: '/bin/bash'};
	return facts({
		users: [root, own],
		ssh: saying({port: '5922', permitrootlogin: 'no', passwordauthentication: 'no', allowusers: ['deploy']}, {
			ports: [5922],
			files: [...sshFacts().files, {path: dropIn, content}],
			keys: [keyFile('root', `${samples.ed25519.line}\n`), keyFile('deploy', `${samples.ed25519.line}\n`)],
			hostKeys: [{path: '/etc/ssh/ssh_host_rsa_4096_key', type: 'ssh-rsa', bits: 4096, fingerprint: ''}, {path: '/etc/ssh/ssh_host_ed25519_key', type: 'ssh-ed25519', bits: 256, fingerprint: ''}],
		}),
	});
}

export const withDeploy = (content: string | undefined, changes = {}) => facts({users: [root, deploy], ssh: sshFacts({keys: [keyFile('root', `${samples.ed25519.line}\n`), keyFile('deploy', content, changes)]})});
