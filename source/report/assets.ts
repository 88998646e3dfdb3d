import {exposedNow} from '../engine/exposure.ts';
import {t} from '../words.ts';
import type {Block, Inline, Line} from './document.ts';
import type {Here} from './here.ts';
import type {ReportInput, Told} from './input.ts';

/** What there is to lose on this server, and the ways to it: found, not guessed. */

const code = (text: string): Line => ({code: text});

function dataWords(told: Told | undefined): string {
	switch (told?.data) {
		case undefined: {
			return t('What it keeps about people was not said.');
		}

		case 'none': {
			return t('It keeps nothing about people, you said.');
		}

		case 'people': {
			return t('It keeps data about people, you said: names, addresses, messages.');
		}

		case 'sensitive': {
			return t('It keeps sensitive data, you said: payments, health, or the like.');
		}
	}
}

function appAssets({app, secrets, secretFolders, database, https}: Here, told: Told | undefined): ReadonlyArray<readonly Line[]> {
	if (app === undefined) {
		return [];
	}

	return [
		[t('The app\'s data'), code(app.state), `${t('What it writes, uploads too.')} ${dataWords(told)}`],
		[t('The app\'s code and packages'), code(app.home), t('Whoever can change it is the app.')],
		[t('Its settings'), code(app.settings), t('How it is served and reaches its parts.')],
		...database ? [[t('The database {name}', {name: database.name}), t('PostgreSQL {cluster}', {cluster: database.cluster}), `${t('Mostly what the app is for.')} ${dataWords(told)}`]] : [],
		...secrets.length > 0 ? [[t('Keys and passwords'), [secrets.join(', '), ...secretFolders.flatMap((folder): readonly Inline[] => [' ', {code: folder}])], t('They open what the app may open, elsewhere too.')] satisfies Line[]] : [],
		...secrets.includes('SECRET_KEY') ? [[t('Sessions of its users'), t('signed with SECRET_KEY'), t('Whoever has that key can be any user.')]] : [],
		...https ? [[t('The key of the certificate'), code(https.files.key), t('Whoever has it can pretend to be {names}.', {names: https.names.slice(0, 3).join(', ')})]] : [],
	];
}

export function assets({facts, told, stateFolder, answers}: ReportInput, here: Here): Block {
	const {backups, keys} = here;
	return {
		type: 'table',
		columns: [t('What'), t('Where'), t('Why it matters')],
		rows: [
			...appAssets(here, told),
			...backups ? [
				[t('Backups'), code(backups.repository), backups.isHere ? t('All of the above, on this very server: what takes the server takes them.') : t('All of the above, encrypted, elsewhere.')],
				[t('The key of the backups'), [{code: '/etc/harden/backup'}, ' ', t('and'), ' ', {code: `${stateFolder}/RECOVERY.txt`}], t('Without it no backup can be read; with it, all can.')] satisfies Line[],
			] : [],
			...keys.map(({owner, path, count}) => [count === 1 ? t('The key that lets {owner} in', {owner}) : t('The {count} keys that let {owner} in', {count, owner}), code(path), isAdmin(owner, here) ? t('Whoever has one can become root: then all of the above is theirs.') : t('Whoever has one is that user here.')]),
			[t('The record of what was done'), code(stateFolder), t('What undo needs, with what was there before: for root only.')],
			[t('Logs'), code('/var/log'), t('Who was here and did what; and addresses of visitors.')],
			[t('Accounts elsewhere'), t('the provider\'s console, the domain\'s registrar{git}', {git: answers.app && 'git' in answers.app.source ? t(', the git repository') : ''}), t('They are above all that this server can do for itself.')],
			...facts.postgres.clusters.flatMap(({version, name, databases = []}) => databases.filter(found => found.name !== here.database?.name && !['postgres', 'template0', 'template1'].includes(found.name)).map(found => [t('The database {name}', {name: found.name}), t('PostgreSQL {cluster}', {cluster: `${version}/${name}`}), t('It is there, and not one of this tool\'s.')])),
		],
	};
}

function isAdmin(name: string, {admins}: Here): boolean {
	return name === 'root' || admins.includes(name);
}

/** How somebody could come to it. */
export function entries({facts, answers}: ReportInput, {keys, app}: Here): Block {
	return {
		type: 'table',
		columns: [t('Way in'), t('Who can take it')],
		rows: [
			...exposedNow(facts).map(({port, program, remark}) => [[t('Port'), ' ', {code: port}, ` ${program}`] satisfies Line, remark]),
			[t('SSH, once it answers'), keys.length === 0 ? t('nobody has a key here') : t('whoever holds a key of: {names}', {names: keys.map(({owner}) => owner).join(', ')})],
			...app ? [[t('What visitors send to the app'), t('anyone who may visit it')]] : [],
			...app ? [[t('The packages that the app is made of'), 'git' in (answers.app?.source ?? {}) ? t('whoever may publish them, or write to its repository') : t('whoever may publish them')]] : [],
			[t('Updates of Debian'), t('its archive, by signature')],
			[t('The provider'), t('whoever can log in to its console, or works there')],
		],
	};
}
