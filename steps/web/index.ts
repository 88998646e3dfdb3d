import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Step} from '../../source/engine/step.ts';
import type {Resource} from '../../source/engine/types.ts';
import {folders, parts, shared, site} from './site.ts';

function resources(facts: Facts, {web, app}: Answers): readonly Resource[] {
	return web === undefined || app === undefined ? [] : [
		// Started by its package it would show the package's page to the world before it is set up.
		{type: 'package', name: 'nginx', desired: {installed: true, startsOff: ['nginx.service']}, why: t('The web server in front of the app.')},
		{type: 'package', name: 'logrotate', desired: {installed: true}, why: t('Keeps the access log from filling the disk.')},
		...folders(app.name),
		...parts(web, app.name),
		...shared(facts, web),
		...site(facts, web, app.name),
		{type: 'unit', name: 'nginx.service', desired: {enabled: true, active: true, masked: false}, why: t('It runs, also after a reboot.')},
	];
}

export const webStep: Step = {
	id: 'web',
	get title() {
		return t('Web server');
	},
	get purpose() {
		return t('nginx takes the internet\'s requests, keeps floods and robots off, and passes the rest on to your app.');
	},
	today({web}) {
		if (!web.installed) {
			return t('no nginx');
		}

		return web.servers.length === 0 ? t('nginx, without a site') : t('nginx, {count} sites', {count: web.servers.length});
	},
	questions: () => [],
	resources,
	checks: () => [],
	needs: ['app'],
	standsOn: ['app', 'fail2ban'],
	auditedOnlyWhenTaken: true,
};
