import {createHash} from 'node:crypto';
import {posix} from 'node:path';
import {Problem} from '../../source/problem.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {file} from '../of-root.ts';
import {codeOf, environmentOf, isAwaited, workersFor, type AppAnswers, type AppCode} from './code.ts';
import {dependencyResources} from './dependencies.ts';
import {layoutOf} from './layout.ts';

const root = {owner: 'root', group: 'root'} as const;

function directory(name: string, mode: number, why: string, owner = root as {owner: string; group: string}): Resource {
	return {type: 'directory', name, desired: {mode, ...owner}, why};
}

/** Whose name is already taken on this server is not ours to use. */
function assertFree({users, units, app: {served}}: Facts, {name}: AppAnswers): void {
	const {state} = layoutOf(name);
	const user = users.find(entry => entry.name === name);
	if (user && user.home !== state) {
		throw new Problem(t('There is already a user named {name}.', {name}), t('Choose another name for the app (app.name).'), 1);
	}

	if (!served.includes(name) && (units[`${name}.service`] ?? units[`${name}.socket`])) {
		throw new Problem(t('There is already a service named {name}.', {name}), t('Choose another name for the app (app.name).'), 1);
	}
}

function sampleResources({files, path}: AppCode, service: string): readonly Resource[] {
	const why = t('The sample, until your own code takes its place. It is root\'s: the app may read it, not change it.');
	const inside = [...new Set(Object.keys(files).map(name => posix.dirname(name)).filter(folder => folder !== '.'))];
	return [
		directory(path, 0o755, why),
		...inside.map(folder => directory(posix.join(path, folder), 0o755, why)),
		...Object.entries(files).map(([name, content]): Resource => ({...file(posix.join(path, name), content, why), reload: {unit: service, action: 'restart'}})),
	];
}

/** Code from git comes first, with what fetches it. */
function fetchingResources({app}: Facts, {name, source}: AppAnswers): readonly Resource[] {
	if (!('git' in source)) {
		return [];
	}

	const {checkout, service} = layoutOf(name);
	// Where it cannot be asked now, what is there is good enough.
	const commit = app.newest ?? app.code?.commit;
	return [
		{type: 'package', name: 'git', desired: {installed: true}, why: t('Fetches your code.')},
		...source.git.startsWith('https://') ? [] : [{type: 'package', name: 'openssh-client', desired: {installed: true}, why: t('Git uses it to reach your repository.')} as const],
		{
			type: 'checkout',
			name: checkout,
			desired: {url: source.git, ref: source.ref, ...commit !== undefined && {commit}},
			why: t('Your code, as it is there now. It becomes root\'s: the app may read it, not change it.'),
			reload: {unit: service, action: 'restart'},
		},
	];
}

/** The code itself, and the link by which everything else finds it. */
function codeResources({name, source}: AppAnswers, found: AppCode): readonly Resource[] {
	const {code, service} = layoutOf(name);
	return [
		...'sample' in source ? sampleResources(found, service) : [],
		{
			type: 'file',
			name: code,
			desired: {link: found.path},
			why: t('Leads to the code. The app may read it, and not change it.'),
			reload: {unit: service, action: 'restart'},
		},
	];
}

function folders(name: string): readonly Resource[] {
	const {settings, credentials, home, venvs, state, static: statics, media} = layoutOf(name);
	const app = {owner: name, group: name};
	const shared = {owner: name, group: 'www-data'};
	return [
		directory('/etc/harden', 0o755, t('Holds the settings of the apps, a folder each.')),
		directory(settings, 0o755, t('Holds how {name} is served.', {name})),
		directory(credentials, 0o700, t('Holds its secrets, which only root can read.')),
		directory(home, 0o755, t('Holds the code and the Python environments of {name}; all of it root\'s.', {name})),
		directory(venvs, 0o755, t('Holds its Python environments: the one in use, and the one before.')),
		directory(state, 0o711, t('The only place that {name} may write to. The web server may pass through, not look around.', {name}), app),
		directory(statics, 0o2750, t('Files that the web server sends out by itself.'), shared),
		directory(media, 0o2750, t('What users upload: written by the app, sent out by the web server.'), shared),
	];
}

function servingResources(facts: Facts, answers: AppAnswers, {entry, isAsgi, path, sourceFolder}: AppCode): readonly Resource[] {
	const {name} = answers;
	const layout = layoutOf(name);
	const {user, state, service, socketUnit, environment: variables, gunicorn, static: statics, media, dropIns} = layout;
	const reload = {unit: service, action: 'restart'} as const;
	const workers = workersFor(facts, answers);
	const unit = snippet('app/app.service', {
		name,
		user,
		code: layout.code,
		codePath: path,
		codeInHome: /^\/(?:home|root|run\/user)\//.test(path),
		environment: variables,
		credentials: layout.credentials,
		venv: layout.venv,
		gunicorn,
		entry,
		state,
	});
	const environment = environmentOf(facts, answers);
	const tried = createHash('sha256').update(JSON.stringify([environment.id, ...environment.lock === undefined ? [] : ['locked'], unit, 'git' in answers.source ? facts.app.code?.commit : undefined])).digest('hex').slice(0, 12);
	return [
		directory(dropIns, 0o755, t('Holds further settings of the service.')),
		{...file(variables, snippet('app/environment', {name, state, static: statics, media, dropIns}), t('Where the app finds its folders.')), reload},
		{...file(gunicorn, snippet('app/gunicorn.conf.py', {
			name,
			code: layout.code,
			sourceFolder: sourceFolder ?? '',
			asgi: isAsgi,
			workers,
			reason: answers.workers === 'auto' ? t('From {cores} cores and {memory} MiB of memory.', {cores: facts.cores, memory: facts.memory}) : t('As you asked.'),
		}), t('How many processes serve the app, and for how long.')), reload},
		file(`/etc/systemd/system/${socketUnit}`, snippet('app/app.socket', {name, socket: layout.socket}), t('Only the web server can reach the app.')),
		{...file(`/etc/systemd/system/${service}`, unit, t('Runs the app in a sandbox: it may read its code and write its own folder, and little else.')), reload},
		{type: 'sandbox', name, desired: {tried, entry}, why: t('Loads the app in its sandbox before it is served. A wall that it cannot live with is found and left out, and told.'), reload},
		{type: 'unit', name: socketUnit, desired: {enabled: true, active: true, masked: false}, why: t('Takes requests, also while the app restarts.')},
		{type: 'unit', name: service, desired: {enabled: true, active: true, masked: false}, why: t('It runs, also after a reboot.')},
	];
}

/** Says which packages exactly, beside the user's own file of dependencies, which stays as it is. */
function lockResource(facts: Facts, answers: AppAnswers, {from}: AppCode): Resource {
	const {lock: name, venv} = layoutOf(answers.name);
	const {id, python, requirements, lock} = environmentOf(facts, answers);
	return lock === undefined
		? {type: 'requirements-lock', name, desired: null, why: t('The dependencies are not locked.')}
		: {type: 'requirements-lock', name, desired: {of: id, python, requirements, venv}, why: t('Notes each package that {file} comes to, with its hash. As long as {file} stays as it is, these very packages are installed, or none.', {file: from})};
}

export function resources(facts: Facts, {app: answers}: Answers): readonly Resource[] {
	if (!answers) {
		return [];
	}

	assertFree(facts, answers);
	const {name} = answers;
	const {venv, credentials, service, state} = layoutOf(name);
	const reload = {unit: service, action: 'restart'} as const;
	const fetching = fetchingResources(facts, answers);
	if (isAwaited(facts, answers)) {
		// What else is needed, the code says once it is here; then the plan is made and shown again.
		return fetching;
	}

	const code = codeOf(facts, answers);
	return [
		...fetching,
		{type: 'package', name: 'python3-venv', desired: {installed: true}, why: t('Makes Python environments, so that the app never touches the system\'s own Python.')},
		{type: 'user', name, desired: {shell: '/usr/sbin/nologin', home: state, groups: [], system: true}, why: t('The app runs as this user, who cannot log in and owns nothing else.')},
		...folders(name),
		...codeResources(answers, code),
		lockResource(facts, answers, code),
		{type: 'venv', name: venv, desired: environmentOf(facts, answers), why: t('What the app needs, from its {file}. Fetched by nobody in particular, built beside what runs, and taken up whole or not at all.', {file: code.from}), reload},
		// The secrets step may have sealed it: then it is in that place only.
		...facts.secrets.apps[name]?.sealed.includes('SECRET_KEY') ? [] : [{type: 'secret', name: `${credentials}/SECRET_KEY`, desired: {mode: 0o600, ...root}, why: t('Signs the sessions of the app\'s users. Made here, and never shown.'), reload} satisfies Resource],
		...servingResources(facts, answers, code),
		...dependencyResources(facts, answers, code),
	];
}
