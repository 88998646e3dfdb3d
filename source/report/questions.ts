import type {Question} from '../engine/step.ts';
import {t} from '../words.ts';
import type {Told} from './input.ts';

const longest = 300;

function oneLine(value: string): string | undefined {
	return value.length > longest || /[\p{Cc}\u2028\u2029]/u.test(value) ? t('One line of at most {count} characters, please.', {count: longest}) : undefined;
}

/** What only the user knows. Their ids are the keys of what is kept. */
export function reportQuestions(told: Told | undefined): ReadonlyArray<Question & {id: keyof Told}> {
	return [
		{
			id: 'data',
			kind: 'select',
			message: t('What does the app keep about people?'),
			why: t('It decides who has to be told when something happens.'),
			default: told?.data ?? 'people',
			choices: [
				{value: 'none', label: t('Nothing')},
				{value: 'people', label: t('Names, addresses, messages and the like')},
				{value: 'sensitive', label: t('Payments, health, or other sensitive data')},
			],
		},
		{
			id: 'outage',
			kind: 'text',
			message: t('How long may it be away at most?'),
			why: t('In your words, like: an hour by day. Backups and drills are read against it.'),
			default: told?.outage ?? '',
			placeholder: t('an hour'),
			validate: oneLine,
			parse: value => value,
		},
		{
			id: 'contact',
			kind: 'text',
			message: t('Who has to be told first when something happens, and how?'),
			why: t('A name and a telephone number; it stands in the plan for an incident.'),
			default: told?.contact ?? '',
			placeholder: t('Ada, +44 20 7946 0000'),
			validate: oneLine,
			parse: value => value,
		},
	];
}
