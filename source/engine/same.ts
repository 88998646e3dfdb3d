import {isDeepStrictEqual} from 'node:util';
import type {AnyState, Provider, ResourceType} from './types.ts';

/** As it would come back from the journal: keys without a value are gone. */
function plain(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value)) as unknown;
}

/** Whether two states of one thing count as the same: by the provider's own word, or by deep equality. */
export function isSame(provider: Provider, left: AnyState, right: AnyState): boolean {
	return provider.same ? provider.same(left, right) : isDeepStrictEqual(plain(left), plain(right));
}

/** The provider of a type, for code that treats all types alike. */
export function providerOf(providers: Readonly<Record<ResourceType, unknown>>, type: ResourceType): Provider {
	return providers[type] as Provider;
}
