import type {Key, KeyName} from './keys.ts';

/** Where the cursor of a list goes; it stops at both ends. Pure. */
export function moveCursor(cursor: number, count: number, key: Key, page = 10): number {
	const steps: Partial<Record<Key['name'], number>> = {up: -1, down: 1, 'page-up': -page, 'page-down': page, home: -count, end: count};
	const step = steps[key.name] ?? {k: -1, j: 1}[key.text ?? ''] ?? 0;
	return Math.max(0, Math.min(count - 1, cursor + step));
}

/** The first line shown, so that `focus` is seen; moves no further than it must. */
export function scrollTo(offset: number, focus: number, height: number, total: number): number {
	const last = Math.max(0, total - height);
	const wanted = focus < offset ? focus : (focus >= offset + height ? focus - height + 1 : offset);
	return Math.max(0, Math.min(last, wanted));
}

export type Pager = {cursor: number; offset: number};

/**
 * A list to step through whose items may be taller than the window: down goes to the next item where that is in sight,
 * and scrolls by one line where it is not. `stops` are the items' lines.
 */
export function page(pager: Pager, key: Key, {stops, total, height}: {stops: readonly number[]; total: number; height: number}): Pager {
	const last = Math.max(0, total - height);
	const offset = Math.min(pager.offset, last);
	const {cursor} = pager;
	const inSight = (line: number) => line >= offset && line < offset + height;
	const scrolled = (by: number): Pager => settleCursor({cursor, offset: Math.max(0, Math.min(last, offset + by))}, stops, height);
	const stepped = (by: 1 | -1): Pager => {
		const line = stops[cursor + by];
		return line !== undefined && inSight(line) && inSight(stops[cursor] ?? 0) ? {cursor: cursor + by, offset} : scrolled(by);
	};

	const moves: Partial<Record<KeyName, () => Pager>> = {
		down: () => stepped(1),
		up: () => stepped(-1),
		'page-down': () => scrolled(Math.max(1, height - 2)),
		'page-up': () => scrolled(-Math.max(1, height - 2)),
		home: () => ({cursor: 0, offset: 0}),
		end: () => scrolled(total),
	};
	return moves[key.name]?.() ?? {cursor, offset};
}

/** A cursor that scrolled out of sight goes to the nearest item in sight; it stays where none is (inside a long diff). */
function settleCursor(pager: Pager, stops: readonly number[], height: number): Pager {
	const inSight = (line: number) => line >= pager.offset && line < pager.offset + height;
	if (inSight(stops[pager.cursor] ?? 0)) {
		return pager;
	}

	const above = (stops[pager.cursor] ?? 0) < pager.offset;
	const cursor = above ? stops.findIndex(line => inSight(line)) : stops.findLastIndex(line => inSight(line));
	if (cursor === -1) {
		return {...pager, cursor: Math.max(0, stops.findLastIndex(line => line < pager.offset))};
	}

	return {...pager, cursor};
}
