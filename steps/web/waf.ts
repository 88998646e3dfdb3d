import {bytesOf} from '../../source/answers/values.ts';
import {Problem} from '../../source/problem.ts';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import type {AppAnswers} from '../app/code.ts';
import {layoutOf} from '../app/layout.ts';
import {adminOf} from './django-admin.ts';
import {file, folder, log, reloadNginx, type Web} from './site.ts';

/** The application firewall: ModSecurity with the OWASP Core Rule Set. Pure. */

/** ids 1 to 99,999 are for rules of one's own. */
function exclusionRule({rule, path}: Web['wafExclusions'][number], index: number): string {
	return `SecRule REQUEST_FILENAME "@beginsWith ${path}" "id:${11_000 + index},phase:1,t:none,t:normalizePath,pass,nolog,ctl:ruleRemoveById=${rule}"`;
}

/** Rules that are loaded for all sites already would be loaded a second time for ours, which nginx refuses. */
function assertNotLoaded({web}: Facts): void {
	if (web.settings.includes('modsecurity_rules_file') || web.settings.includes('modsecurity_rules')) {
		throw new Problem(
			t('nginx.conf or a file of yours loads ModSecurity rules for every site already, and loaded twice nginx does not start.'),
			t('Move them into the sites that they are for, or set web.waf to off and keep yours.'),
		);
	}
}

function reason({waf}: Web): string {
	return waf === 'block' ? t('Attacks are refused before the app sees them.') : t('Attacks are written down, and let through for now.');
}

/** Off means that nothing refers to the rules any more; what they need goes after it. */
function offResources(name: string): readonly Resource[] {
	const {nginx} = layoutOf(name);
	const why = t('The application firewall is off.');
	return ['server.d/50-waf.conf', 'waf/main.conf', 'waf/exclusions.conf'].map(part => ({type: 'file', name: `${nginx}/${part}`, desired: null, why, reload: reloadNginx}));
}

export function wafPackages({waf}: Web): readonly Resource[] {
	return waf === 'off' ? [] : [
		{type: 'package', name: 'libnginx-mod-http-modsecurity', desired: {installed: true}, why: t('ModSecurity looks at each request before the app does.')},
		{type: 'package', name: 'modsecurity-crs', desired: {installed: true}, why: t('The OWASP Core Rule Set: what attacks look like.')},
	];
}

export function wafResources(facts: Facts, web: Web, app: AppAnswers): readonly Resource[] {
	const {name} = app;
	if (web.waf === 'off') {
		return offResources(name);
	}

	assertNotLoaded(facts);
	const {nginx, wafLog} = layoutOf(name);
	return [
		folder(`${nginx}/waf`, t('For the rules of the application firewall.')),
		log(wafLog, t('What the application firewall finds.')),
		{
			type: 'file',
			name: `/etc/logrotate.d/harden-${name}`,
			desired: {content: snippet('logrotate.d/harden-web', {wafLog}), mode: 0o644, owner: 'root', group: 'root'},
			why: t('Its log does not fill the disk.'),
		},
		file(`${nginx}/waf/exclusions.conf`, snippet('nginx/harden/waf/exclusions.conf', {name, admin: adminOf(facts, app) ?? '', rules: web.wafExclusions.map((exclusion, index) => exclusionRule(exclusion, index))}), t('Rules that it leaves out, and where.')),
		file(`${nginx}/waf/main.conf`, snippet('nginx/harden/waf/main.conf', {
			name,
			folder: nginx,
			engine: web.waf === 'block' ? 'On' : 'DetectionOnly',
			bodyLimit: bytesOf(web.maxBodySize),
			addressed: web.domains.length === 0,
			wafLog,
		}), reason(web)),
		file(`${nginx}/server.d/50-waf.conf`, snippet('nginx/harden/server.d/50-waf.conf', {name, folder: nginx}), t('Switches it on for this site, and for no other.')),
	];
}
