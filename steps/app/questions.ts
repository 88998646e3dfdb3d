import {appName} from '../../source/answers/app-name.ts';
import {entryForm, gitForm, refForm} from '../../source/answers/app.ts';
import {absolutePath} from '../../source/answers/values.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {CodeFacts, Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';
import {requirementsIn, sampleCode, type AppAnswers} from './code.ts';
import {hasHashes} from './requirements.ts';

function nameQuestion(facts: Facts, current: string): Question {
	return {
		id: 'app.name',
		kind: 'text',
		message: t('What is your app called?'),
		why: t('Its service, its user and its folders get this name.'),
		default: current,
		validate: value => appName.safeParse(value).success ? undefined : t('Write small letters, digits and -, like shop.'),
		remark: value => facts.app.served.includes(value) ? t('{name} is served here already.', {name: value}) : undefined,
		parse: value => value,
	};
}

const exampleGit = 'git@github.com:you/app.git';

function sourceQuestion(source: AppAnswers['source']): Question {
	const samples = [
		{value: {sample: 'flask'}, label: t('A sample in Flask'), hint: t('to see that all works before your code comes')},
		{value: {sample: 'django'}, label: t('A sample in Django'), hint: t('the same, with an admin site')},
		{value: {sample: 'fastapi'}, label: t('A sample in FastAPI'), hint: t('the same, asynchronous')},
	];
	return {
		id: 'app.source',
		kind: 'select',
		message: t('Whose code is served?'),
		why: t('With a sample you see the whole chain work first. Your own code takes its place when you run this again.'),
		default: source,
		choices: [
			...samples,
			{value: 'path' in source ? source : {path: '/opt/app'}, label: t('A folder on this server'), hint: t('it stays where it is')},
			{value: 'git' in source ? source : {git: exampleGit, ref: 'main'}, label: t('A git repository'), hint: t('fetched now, and again whenever you run this')},
		],
	};
}

function pathQuestion(path: string): Question {
	return {
		id: 'app.source',
		kind: 'text',
		message: t('In which folder is your code?'),
		why: t('It stays there and stays yours. The app may read it, and never change it.'),
		default: path,
		validate: value => absolutePath.safeParse(value).success ? undefined : t('Write the whole path, like /opt/shop, of letters, digits and . _ - @ +.'),
		parse: value => ({path: value}),
	};
}

function gitQuestions({git, ref}: {git: string; ref: string}): readonly Question[] {
	return [
		{
			id: 'app.source',
			kind: 'text',
			message: t('What is the address of the repository?'),
			why: t('For an address of SSH this server makes a key of its own, and shows it to you: add it there as a deploy key, without the right to write.'),
			// The example stands for "not said yet": Enter must not take it.
			default: git === exampleGit ? '' : git,
			placeholder: exampleGit,
			validate: value => gitForm.test(value) ? undefined : t('Write it like git@github.com:you/shop.git or https://github.com/you/shop.git.'),
			parse: value => ({git: value, ref}),
		},
		{
			id: 'app.source',
			kind: 'text',
			message: t('Which branch, tag or commit?'),
			why: t('Of a branch, the newest commit is taken each time you run this.'),
			default: ref,
			validate: value => refForm.test(value) ? undefined : t('Write the name of a branch or a tag, or a commit, like main or v1.2.'),
			parse: value => ({git, ref: value}),
		},
	];
}

function entryQuestion({entry, source}: AppAnswers): Question {
	return {
		id: 'app.entry',
		kind: 'text',
		message: t('Where does the app begin?'),
		why: t('The module and the name in it, as Gunicorn wants them: shop.wsgi:application in Django, app:app in most of Flask.'),
		default: entry ?? ('sample' in source ? sampleCode[source.sample].entry : ''),
		placeholder: t('found by itself in Django'),
		validate: value => value === '' || entryForm.test(value) ? undefined : t('Write it as module:name, like shop.wsgi:application.'),
		parse: value => value === '' ? undefined : value,
	};
}

/** What is wrong with them is told when they are needed. */
function requirementsIfThere(code: CodeFacts, asked: string | undefined): {text: string; from: string} | undefined {
	try {
		return requirementsIn(code, asked);
	} catch (error) {
		if (error instanceof Problem) {
			return undefined;
		}

		throw error;
	}
}

/** Asked where it makes a difference: of code that is here, and whose file of dependencies has no hashes. */
function lockQuestions(facts: Facts, answers: AppAnswers): readonly Question[] {
	const {code} = facts.app;
	const found = 'sample' in answers.source || !code ? undefined : requirementsIfThere(code, answers.requirements);
	return found === undefined || hasHashes(found.text) ? [] : [{
		id: 'app.lock',
		kind: 'confirm',
		message: t('Lock the dependencies with hashes?'),
		why: t('{file} has none, so whoever controls the index of packages decides what is installed. Locked, what comes now is noted with its hash, in a file of this server; from then on these very packages are installed, or none.', {file: found.from}),
		risk: t('Corrected versions do not come by themselves any more: change {file}, or unlock and lock again, and run this step.', {file: found.from}),
		default: answers.lock,
	}];
}

export function questions(facts: Facts, answers: Answers): readonly Question[] {
	const given = answers.app;
	const source = given?.source ?? {sample: 'flask' as const};
	return [
		nameQuestion(facts, given?.name ?? 'app'),
		sourceQuestion(source),
		...'path' in source ? [pathQuestion(source.path)] : [],
		...'git' in source ? gitQuestions(source) : [],
		...given && !('sample' in source) ? [entryQuestion(given)] : [],
		...given ? lockQuestions(facts, given) : [],
	];
}
