/** Runs on the server, bundled: one request to a provider from standard input, its answer as JSON to standard output. */
import {text} from 'node:stream/consumers';
import process from 'node:process';
import type {Provider, ResourceType, WriteProgress} from '../../source/engine/types.ts';
import {machine} from '../../source/host/host.ts';
import {hashPassword} from '../../source/host/providers/password.ts';
import {providersFor} from '../../source/host/providers/index.ts';
import {Problem} from '../../source/problem.ts';

export type Request = {type: ResourceType | 'hash'; operation: 'read' | 'write'; name: string; state?: unknown};
export type Answer = {value?: unknown; told: readonly WriteProgress[]; problem?: string; wayOut?: string; bug?: string};

const {type, operation, name, state} = JSON.parse(await text(process.stdin)) as Request;
const told: WriteProgress[] = [];

async function answer(): Promise<unknown> {
	if (type === 'hash') {
		return hashPassword(machine, name);
	}

	const provider = providersFor(machine)[type] as Provider;
	const progress = (event: WriteProgress) => {
		told.push(event);
	};

	return operation === 'read' ? provider.read(name) : provider.write(name, state as never, {progress});
}

function failed(error: unknown): Partial<Answer> {
	return error instanceof Problem ? {problem: error.message, wayOut: error.wayOut} : {bug: error instanceof Error ? error.stack : String(error)};
}

const result = await answer().then(value => ({value}), (error: unknown) => failed(error));
console.log(JSON.stringify({...result, told} satisfies Answer));
