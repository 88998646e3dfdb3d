import {providerOf} from './same.ts';
import type {Change, Provider, Providers, WriteContext} from './types.ts';

/** Neighbours of one type go together where their provider writes them as one transaction. */
export function batches<T>(items: readonly T[], changeOf: (item: T) => Change, providers: Providers): readonly T[][] {
	const result: T[][] = [];
	for (const item of items) {
		const {type} = changeOf(item);
		const last = result.at(-1);
		if (last && changeOf(last[0]!).type === type && providerOf(providers, type).writeAll) {
			last.push(item);
		} else {
			result.push([item]);
		}
	}

	return result;
}

/** Writes one batch: the state that `pick` chooses of each change. */
export async function writeBatch(provider: Provider, entries: ReadonlyArray<{name: string; state: unknown}>, context: WriteContext): Promise<void> {
	if (provider.writeAll) {
		await provider.writeAll(entries as never, context);
		return;
	}

	for (const {name, state} of entries) {
		await provider.write(name, state as never, context);
	}
}
