/** What was measured, against the bar it has to stay under. */
export type Row = {what: string; value: string; /** Where there is a bar: its text, and whether it is kept. */ bar?: string; kept?: boolean};

/** A row with a bar. */
export function barred(what: string, measured: number, most: number, form: (value: number) => string): Row {
	return {what, value: form(measured), bar: `≤ ${form(most)}`, kept: measured <= most};
}

export function printTable(rows: readonly Row[]): string {
	const cells = rows.map(({what, value, bar = '', kept}) => [what, value, bar, kept === undefined ? '' : (kept ? 'kept' : 'MISSED')]);
	const widths = [0, 1, 2, 3].map(column => Math.max(...cells.map(row => row[column]!.length)));
	return cells.map(row => row.map((cell, column) => column === 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)).join('   ').trimEnd()).join('\n');
}

export const times = (value: number) => `${value.toFixed(2)} ×`;
export const seconds = (value: number) => `${value.toFixed(2)} s`;
export const mebibytes = (value: number) => `${value.toFixed(2)} MiB`;
export const kilobytes = (value: number) => `${value.toFixed(1)} kB`;

/** The best of several runs: what is left when nobody else was on the machine. */
export async function best(rounds: number, measure: () => Promise<number>): Promise<number> {
	let least = Number.POSITIVE_INFINITY;
	for (let round = 0; round < rounds; round++) {
		least = Math.min(least, await measure());
	}

	return least;
}

/** The one in the middle of an odd number of them. */
export function median(values: readonly number[]): number {
	return values.toSorted((left, right) => left - right)[(values.length - 1) / 2]!;
}
