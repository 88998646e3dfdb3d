import type {Key} from '../keys.ts';
import type {Look} from '../look.ts';

/** What a screen's keys lead to: the screen a little changed, or the user's decision. */
export type Done<Value> = {done: Value};

export type Keyed<Screen, Value> = (screen: Screen, key: Key, look: Look) => Screen | Done<Value>;

export function isDone<Value>(result: unknown): result is Done<Value> {
	return typeof result === 'object' && result !== null && 'done' in result;
}

/** The sign typed, where it is a single one. */
export function letter(key: Key): string {
	return key.name === 'text' && key.text?.length === 1 ? key.text : '';
}
