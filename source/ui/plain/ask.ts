import type {Reply} from '../../engine/conversation.ts';
import type {Question} from '../../engine/step.ts';
import {t} from '../../words.ts';
import {explainLines, questionLines} from '../lines/screens.ts';
import {cleanLines} from '../lines/text.ts';
import {inquire, say, type Said, type Talk} from './talk.ts';
import {canBeNone, commandOf, defaultNumber, readAnswer, readText, wrongOf} from './typed.ts';

type Of<K extends Question['kind']> = Extract<Question, {kind: K}>;

/** One question: why, what may break, the choices, and last the question itself, beside its answer. */
export async function ask(talk: Talk, question: Question): Promise<Reply> {
	talk.print(questionLines(question, talk.paint));
	if (question.kind === 'text' && canBeNone(question)) {
		talk.print([talk.paint.dim(t('Type - for none.'))]);
	}

	const said = await answerTo(talk, question);
	return 'command' in said ? {type: said.command} : {type: 'answer', value: said.value};
}

async function answerTo(talk: Talk, question: Question): Promise<Said<unknown>> {
	if (question.kind === 'password') {
		return askPassword(talk, question);
	}

	if (question.kind === 'text') {
		return askText(talk, question);
	}

	return inquire(talk, {
		message: question.message,
		byDefault: shownDefault(question),
		explain: explainLines(question),
		read: line => readAnswer(question, line),
	});
}

/** The text as it was typed, valid; then a fact about it, where there is one. */
async function askText(talk: Talk, question: Of<'text'>): Promise<Said<string>> {
	const said = await (question.lines ? pasted(talk, question) : oneLine(talk, question));
	const remark = 'value' in said ? question.remark?.(said.value) : undefined;
	talk.print(remark ? talk.paint.prose(remark, {style: talk.paint.good}) : []);
	return said;
}

async function oneLine(talk: Talk, question: Of<'text'>): Promise<Said<string>> {
	return inquire(talk, {
		message: question.message,
		byDefault: question.default,
		explain: explainLines(question),
		read: line => readText(question, line),
	});
}

/** Several lines, as a paste brings them. */
async function pasted(talk: Talk, question: Of<'text'>): Promise<Said<string>> {
	talk.print([
		t('Paste one line or more; an empty line ends it.'),
		...(question.default ? [t('An empty line at once takes this:'), ...cleanLines(question.default).map(line => `  ${line}`)] : []),
	]);
	for (;;) {
		const lines = await talk.prompter.paste(question.message, line => commandOf(line) !== undefined || line.trim() === '-');
		const command = lines === undefined ? 'quit' : commandOf(lines);
		if (command !== undefined && command !== 'explain') {
			return {command};
		}

		const read = readText(question, lines === '' ? question.default : lines!);
		if (command === undefined && 'value' in read) {
			return read;
		}

		if (command === undefined) {
			talk.print(talk.paint.prose(wrongOf(read) ?? '', {style: talk.paint.bad}));
		} else {
			say(talk, explainLines(question));
		}
	}
}

/** Typed twice without echo. Not trimmed, and Enter alone is no default. */
async function askPassword(talk: Talk, question: Of<'password'>): Promise<Said<string>> {
	const secret = async (message: string, validate: (line: string) => string | undefined): Promise<Said<string> | 'explain'> => {
		const line = await talk.prompter.secret({message, check: typed => commandOf(typed) ? undefined : validate(typed)});
		const command = line === undefined ? 'quit' : commandOf(line);
		return command === 'explain' ? command : (command ? {command} : {value: line!});
	};

	for (;;) {
		const first = await secret(question.message, question.validate);
		const again = first === 'explain' || question.pasted || 'command' in first ? first : await secret(t('Once more, please:'), () => undefined);
		if (again === 'explain' || first === 'explain') {
			say(talk, explainLines(question));
		} else if ('command' in again || ('value' in first && again.value === first.value)) {
			return again;
		} else {
			talk.print([talk.paint.bad(t('The two are not the same. Type both again.'))]);
		}
	}
}

/** What Enter stands for, as it is shown in brackets. */
function shownDefault(question: Of<'select' | 'checkbox' | 'confirm'>): string {
	switch (question.kind) {
		case 'confirm': {
			return question.default ? t('yes') : t('no');
		}

		case 'select': {
			return String(defaultNumber(question));
		}

		case 'checkbox': {
			return question.choices.flatMap(({value}, index) => question.default.includes(value) ? [String(index + 1)] : []).join(' ') || t('none');
		}
	}
}
