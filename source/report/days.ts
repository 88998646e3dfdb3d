/** An ISO 8601 time as date and time in UTC, as an auditor can compare it. */
export function day(iso: string): string {
	const date = new Date(iso);
	return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
