import {z} from 'zod';
import {isLoopback} from './network.ts';

/** ModSecurity's audit log in its form as JSON, a request a line: pure. */

/** A rule that spoke, where, and how often. */
export type WafFinding = {rule: number; path: string; count: number; message: string};

export type WafLog = {
	/** Requests that were refused, or would have been. */
	refused: number;
	/** The rules behind them, the most frequent first. */
	findings: readonly WafFinding[];
};

const entrySchema = z.object({
	transaction: z.object({
		client_ip: z.string(),
		request: z.object({uri: z.string()}),
		messages: z.array(z.object({message: z.string(), details: z.object({ruleId: z.string()})})),
	}),
});

type Entry = z.infer<typeof entrySchema>['transaction'];

/** 949110 adds the scores up and refuses; 2000xx refuse by themselves, since a body could not be read. */
const refusing = /^(?:949110|20000[2-5])$/;
/** They set things up or add things up: no attack is theirs. */
const bookkeeping = /^(?:901|949|959|980)\d{3}$/;

function parseLine(line: string): Entry | undefined {
	try {
		return entrySchema.parse(JSON.parse(line)).transaction;
	} catch {
		// The first line of a log's end is cut off, and the last may be under way.
		return undefined;
	}
}

/** The path without what was asked of it, which may be secret. */
const pathOf = (uri: string) => uri.split(/[?#]/, 1)[0]!.slice(0, 300);

/** What this server asked itself, to find out whether the firewall works, does not count. */
export function readWafLog(text: string): WafLog {
	const entries = text.split('\n').map(line => parseLine(line)).filter(entry => entry !== undefined)
		.filter(({client_ip: client, messages}) => !isLoopback(client) && messages.some(({details}) => refusing.test(details.ruleId)));
	const found = new Map<string, WafFinding>();
	for (const {request, messages} of entries) {
		const path = pathOf(request.uri);
		const rules = new Map(messages.filter(({details}) => !bookkeeping.test(details.ruleId)).map(({message, details}) => [Number(details.ruleId), message]));
		for (const [rule, message] of rules) {
			const key = `${rule} ${path}`;
			found.set(key, {rule, path, message, count: (found.get(key)?.count ?? 0) + 1});
		}
	}

	return {refused: entries.length, findings: [...found.values()].toSorted((left, right) => right.count - left.count || left.rule - right.rule || left.path.localeCompare(right.path))};
}
