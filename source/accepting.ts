import {nearest} from './answers-complaints.ts';
import {longestReason, parseDay, withRisk, type AcceptedRisk} from './engine/accepted.ts';
import {Problem} from './problem.ts';
import {t} from './words.ts';

/** `audit --accept` and `audit --withdraw`: words in, the new list out, or what is wrong with them. Pure. */

export type AcceptWish = {accept?: string; reason?: string; until?: string; withdraw?: string};

function assertKnown(id: string, known: readonly string[]): void {
	if (known.includes(id)) {
		return;
	}

	const near = nearest(id, known);
	throw new Problem(
		t('There is no check "{id}".', {id}),
		near === undefined ? t('Their names stand behind them in: {tool} audit') : t('Did you mean {name}?', {name: near}),
	);
}

/** `today` as YYYY-MM-DD. */
export function accepting(risks: readonly AcceptedRisk[], {accept, reason, until, withdraw}: AcceptWish, {known, today, at}: {known: readonly string[]; today: string; at: string}): readonly AcceptedRisk[] {
	if (accept !== undefined && withdraw !== undefined) {
		throw new Problem(t('--accept and --withdraw are two things.'), t('Give one of them.'));
	}

	if (accept === undefined && (reason !== undefined || until !== undefined)) {
		throw new Problem(t('--reason and --until belong to --accept.'), t('Like: audit --accept ID --reason "…" --until 2027-01-31'));
	}

	if (withdraw !== undefined) {
		assertKnown(withdraw, risks.map(({check}) => check));
		return risks.filter(({check}) => check !== withdraw);
	}

	if (accept === undefined) {
		return risks;
	}

	assertKnown(accept, known);
	const why = reason?.trim() ?? '';
	if (why === '' || why.length > longestReason || /[\p{Cc}\u2028\u2029]/u.test(why)) {
		throw new Problem(t('A risk is accepted for a reason: one line of at most {count} characters.', {count: longestReason}), t('Like: --reason "The old payment service needs it until it is replaced"'));
	}

	const day = parseDay(until ?? '');
	if (day === undefined || day < today) {
		throw new Problem(t('A risk is accepted until a day that is still to come, as YYYY-MM-DD.'), t('Like: --until {day}', {day: `${Number(today.slice(0, 4)) + 1}-01-31`}));
	}

	return withRisk(risks, {check: accept, reason: why, until: day, at});
}
