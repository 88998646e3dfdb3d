import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Resource} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import {file, folder, reloadNginx} from '../web/site.ts';
import type {Wanted} from './settings.ts';

/** Strict-Transport-Security: how long browsers keep to https. What one was told cannot be taken back, so it begins small. */

const stateFolder = '/var/lib/harden-hsts';
export const hstsState = (app: string) => `${stateFolder}/${app}.conf`;
export const hstsTimer = 'harden-hsts.timer';

/** The steps of the ramp, as the script takes them. */
export const rampSteps = [300, 86_400, 31_536_000] as const;

/** A variable of Nginx's own for each app. */
const variableOf = (app: string) => `harden_hsts_${app.replaceAll('-', '_')}`;

function ramp({app, web}: Wanted): readonly Resource[] {
	const unit = (name: string, content: string): Resource<'file'> => ({type: 'file', name: `/etc/systemd/system/${name}`, desired: {content, mode: 0o644, owner: 'root', group: 'root'}, why: t('Moves the time on, once a day at most, and only while all is well.')});
	return [
		{type: 'file', name: '/usr/local/sbin/harden-hsts', desired: {content: snippet('https/harden-hsts'), mode: 0o755, owner: 'root', group: 'root'}, why: t('Looks whether all is well, and moves the time on.')},
		unit('harden-hsts.service', snippet('systemd/harden-hsts.service', {name: app, host: web.domains[0] ?? '', state: hstsState(app)})),
		unit(hstsTimer, snippet('systemd/harden-hsts.timer', {name: app})),
		{type: 'unit', name: hstsTimer, desired: {enabled: true, active: true, masked: false}, why: t('Runs once a day.')},
	];
}

/** Nothing moves on any more. */
function noRamp(app: string): readonly Resource[] {
	const why = t('The time that browsers keep to https does not grow by itself any more.');
	return [
		{type: 'unit', name: hstsTimer, desired: {enabled: false, active: false, masked: false}, why},
		...[`/etc/systemd/system/${hstsTimer}`, '/etc/systemd/system/harden-hsts.service', '/usr/local/sbin/harden-hsts'].map(name => ({type: 'file', name, desired: null, why} as const)),
		{type: 'seed', name: hstsState(app), desired: null, why},
	];
}

/** What the answer asks for; nothing at all where it is off, or nobody would believe it. */
export function hstsResources(want: Wanted): readonly Resource[] {
	const {app, hsts} = want;
	const {nginx} = layoutOf(app);
	const map = '/etc/nginx/conf.d/10-harden-hsts.conf';
	const header = `${nginx}/headers.d/hsts.conf`;
	const variable = variableOf(app);
	const why = t('Browsers that were here come back over https, so that nobody in between can send them elsewhere.');
	if (hsts === 'off') {
		return [
			...[header, map].map(name => ({type: 'file', name, desired: null, why: t('No promise about https to browsers.'), reload: reloadNginx} as const)),
			...noRamp(app),
		];
	}

	return [
		...hsts === 'ramp' ? [
			folder(stateFolder, t('For the time that was reached.')),
			{type: 'seed', name: hstsState(app), desired: {content: snippet('https/hsts-first.conf'), mode: 0o644, owner: 'root', group: 'root'}, why: t('Five minutes at first: long enough to see that it works.'), reload: reloadNginx} as const,
		] : [],
		file(map, snippet('nginx/conf.d/10-harden-hsts.conf', {name: app, variable, state: hsts === 'ramp' ? hstsState(app).replace(/\.(?=conf$)/, '[.]') : '', seconds: hsts === 'ramp' ? 0 : hsts}), why),
		file(header, snippet('nginx/harden/headers.d/hsts.conf', {variable}), why),
		...hsts === 'ramp' ? ramp(want) : noRamp(app),
	];
}
