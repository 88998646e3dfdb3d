import {moduleForm} from '../../source/answers/django.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question, Step} from '../../source/engine/step.ts';
import type {Resource} from '../../source/engine/types.ts';
import {djangoSettings, isAwaited} from '../app/code.ts';
import {layoutOf} from '../app/layout.ts';
import * as ofRoot from '../of-root.ts';
import {checks} from './checks.ts';
import {hasHttps, hostsFor, settingsOf} from './settings.ts';

/** Known by its code or, where that is still to come, by the sample that was chosen. */
function isOther({app: {code}}: Facts, {app}: Answers): boolean {
	const sample = app && 'sample' in app.source ? app.source.sample : undefined;
	return sample === undefined ? code !== undefined && djangoSettings(code.files) === undefined : sample !== 'django';
}

function questions(facts: Facts, answers: Answers): readonly Question[] {
	const {app, django} = answers;
	return [
		// Of code that is not here yet they are found when it is.
		...app && isAwaited(facts, app) ? [] : [{
			id: 'django.settings',
			kind: 'text' as const,
			message: t('Which module holds your settings?'),
			why: t('They are imported and not changed: the hardened ones stand beside them, on top.'),
			default: settingsOf(facts, answers) ?? '',
			validate: (value: string) => moduleForm.test(value) ? undefined : t('Write it as a Python module, like shop.settings.'),
			parse: (value: string) => value,
		}],
		{
			id: 'django.migrate',
			kind: 'confirm',
			message: t('Make the pending migrations of the database?'),
			why: t('Without its tables the app answers with errors. The preview lists them.'),
			risk: t('They change the database, and are the one thing here that undo leaves as it is. Have a backup of data that matters.'),
			default: django?.migrate ?? true,
		},
		{
			id: 'django.collectStatic',
			kind: 'confirm',
			message: t('Put the static files where the web server finds them?'),
			why: t('Style sheets and scripts, of the admin site too, are then sent out by the web server itself.'),
			default: django?.collectStatic ?? true,
		},
	];
}

function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const {app, django} = answers;
	const settings = settingsOf(facts, answers);
	if (!app || !django || settings === undefined) {
		return [];
	}

	const {name} = app;
	const {settings: folder, dropIns, service} = layoutOf(name);
	const python = `${folder}/python`;
	const reload = {unit: service, action: 'restart'} as const;
	const file = (path: string, content: string, why: string): Resource => ({...ofRoot.file(path, content, why), reload});
	return [
		ofRoot.folder(python, 0o755, t('Holds Python of this tool\'s own, beside your code and not in it.')),
		ofRoot.folder(dropIns, 0o755, t('Holds further settings of the service.')),
		file(`${python}/harden_settings.py`, snippet('django/harden_settings.py', {
			name,
			settings,
			https: hasHttps(answers),
			hosts: hostsFor(facts, answers).map(host => `"${host}"`).join(', '),
		}), hasHttps(answers)
			? t('Your settings, and on top of them: DEBUG off, HTTPS only, safe cookies, known host names, a secret of this server\'s own.')
			: t('Your settings, and on top of them: DEBUG off, known host names, a secret of this server\'s own. What needs HTTPS stays off until the step https was taken.')),
		file(`${python}/with_credentials.py`, snippet('app/with_credentials.py'), t('Runs manage.py as the app runs.')),
		file(`${dropIns}/40-django.conf`, snippet('django/40-django.conf', {settings, python}), t('Tells Django to take the hardened settings.')),
		...django.migrate ? [{type: 'migrations', name, desired: {pending: []}, why: t('Makes the tables that the code expects.')} as const] : [],
		...django.collectStatic ? [{type: 'static-files', name, desired: {collected: true}, why: t('Puts style sheets and scripts where the web server finds them.')} as const] : [],
	];
}

export const djangoStep: Step = {
	id: 'django',
	get title() {
		return t('Django');
	},
	get purpose() {
		return t('The settings that Django asks for in production, on top of yours: nothing of your code is changed.');
	},
	today: ({app: {code}}) => code && djangoSettings(code.files) !== undefined ? t('settings {module}', {module: djangoSettings(code.files)!}) : t('settings as they come'),
	unfit: (facts, answers) => isOther(facts, answers) ? t('The app is no Django project: there is no manage.py that names its settings. Flask and FastAPI need nothing of this; what they need is told in the step "Your app".') : undefined,
	questions,
	resources,
	checks,
	remember: (facts, answers) => answers.app && settingsOf(facts, answers) !== undefined ? [t('The hardened settings of Django: {file}', {file: `${layoutOf(answers.app.name).settings}/python/harden_settings.py`})] : [],
	needs: ['app'],
	standsOn: ['app'],
	auditedOnlyWhenTaken: true,
};
