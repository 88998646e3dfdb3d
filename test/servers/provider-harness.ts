/** Runs on the server, bundled: a request to a provider on each line of standard input, its answer as a line of JSON. */
import {createInterface} from 'node:readline';
import process from 'node:process';
import type {Change, Provider, ResourceType, WriteProgress} from '../../source/engine/types.ts';
import {machine} from '../../source/host/host.ts';
import {hashPassword} from '../../source/host/providers/password.ts';
import {providersFor} from '../../source/host/providers/index.ts';
import {Problem} from '../../source/problem.ts';

/** `ahead`: what has to be got ready before a `write` of the state, as where nobody is asked. */
export type Request = {type: ResourceType | 'hash'; operation: 'read' | 'write' | 'complaint'; name: string; state?: unknown; ahead?: unknown; id?: number};
export type Answer = {value?: unknown; told: readonly WriteProgress[]; problem?: string; wayOut?: string; bug?: string; id?: number};

async function answer({type, operation, name, state, ahead}: Request, progress: (event: WriteProgress) => void): Promise<unknown> {
	if (type === 'hash') {
		return hashPassword(machine, name);
	}

	// Made anew for each request: what it remembers is no longer than a step.
	const provider = providersFor(machine)[type] as Provider;
	if (ahead !== undefined) {
		await provider.ahead?.([{type, name, desired: ahead, before: null, why: ''} as Change]);
	}

	if (operation === 'complaint') {
		const complaint = await provider.complaint?.(name, state as never);
		if (complaint) {
			throw complaint;
		}

		return undefined;
	}

	return operation === 'read' ? provider.read(name) : provider.write(name, state as never, {progress});
}

function failed(error: unknown): Partial<Answer> {
	return error instanceof Problem ? {problem: error.message, wayOut: error.wayOut} : {bug: error instanceof Error ? error.stack : String(error)};
}

async function serve(line: string): Promise<void> {
	const request = JSON.parse(line) as Request;
	const told: WriteProgress[] = [];
	const result = await answer(request, event => {
		told.push(event);
	}).then(value => ({value}), (error: unknown) => failed(error));
	console.log(JSON.stringify({...result, told, id: request.id} satisfies Answer));
}

createInterface({input: process.stdin}).on('line', line => {
	void serve(line);
});
