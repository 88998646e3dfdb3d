import type {PlacedText} from '../../engine/types.ts';

/** The texts of a list that are meant, each with all that stands before it. */
export function placesOf(texts: readonly string[], isMeant: (index: number) => boolean): readonly PlacedText[] {
	return texts.flatMap((text, index) => isMeant(index) ? [{text, after: texts.slice(0, index)}] : []);
}

/** Puts texts back: each behind the last of those that stood before it, whatever else came or went meanwhile. */
export function putBack(texts: readonly string[], places: readonly PlacedText[]): readonly string[] {
	return places.reduce<readonly string[]>((all, {text, after}) => {
		const before = new Set(after);
		return all.toSpliced(all.findLastIndex(other => before.has(other)) + 1, 0, text);
	}, texts);
}
