import type {ExecutionContext} from 'ava';
import {isSame} from '../source/engine/same.ts';
import type {Provider, ResourceStates, ResourceType, WriteProgress} from '../source/engine/types.ts';

export type Lawful<K extends ResourceType> = {
	provider: Provider<K>;
	name: string;
	/** What is written over what is there now. */
	state: ResourceStates[K];
};

/**
 * The law of every provider, on a real thing: after write(x), read() is x; again is nothing; and writing back what was
 * read makes it what it was, to the last field. Returns what the writes told.
 */
export async function law<K extends ResourceType>(t: ExecutionContext, {provider, name, state}: Lawful<K>): Promise<readonly WriteProgress[]> {
	const told: WriteProgress[] = [];
	const context = {progress(event: WriteProgress) {
		told.push(event);
	}};
	const before = await provider.read(name);
	t.false(isSame(provider, before, state), `${name} is already what the test writes, so it would prove nothing`);
	for (const time of ['once', 'again']) {
		await provider.write(name, state, context);
		const after = await provider.read(name);
		t.true(isSame(provider, after, state), `${name} written ${time} reads ${JSON.stringify(after)}`);
	}

	for (const time of ['once', 'again']) {
		await provider.write(name, before, context);
		t.deepEqual(await provider.read(name), before, `${name} written back ${time}`);
	}

	return told;
}
