import {bytesOf} from '../../source/answers/values.ts';
import {exposureRows, sourcesThrough, wallToday} from '../../source/engine/exposure.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Step} from '../../source/engine/step.ts';
import type {Resource} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import {checks} from './checks.ts';
import {jailResources} from './jails.ts';
import {othersOf} from './listen.ts';
import {questions} from './questions.ts';
import {folders, parts, shared, site, type Web} from './site.ts';
import {wafPackages, wafResources} from './waf.ts';

/** Two sites of one name: nginx would ask whichever it read first. */
function assertNamesFree(facts: Facts, {domains}: Web): void {
	for (const {file, names} of othersOf(facts)) {
		const taken = names.find(name => domains.includes(name));
		if (taken !== undefined) {
			throw new Problem(t('{name} is already served by {file}.', {name: taken, file}), t('Take the name out there and run `nginx -t`, or give the app another one.'));
		}
	}
}

function resources(facts: Facts, answers: Answers): readonly Resource[] {
	const {web, app} = answers;
	if (web === undefined || app === undefined) {
		return [];
	}

	assertNamesFree(facts, web);
	return [
		// Started by its package it would show the package's page to the world before it is set up.
		{type: 'package', name: 'nginx', desired: {installed: true, startsOff: ['nginx.service']}, why: t('The web server in front of the app.')},
		{type: 'package', name: 'logrotate', desired: {installed: true}, why: t('Keeps the access log from filling the disk.')},
		{type: 'package', name: 'curl', desired: {installed: true}, why: t('Visits the site, to see whether all of this works.')},
		...wafPackages(web),
		...folders(app.name),
		...parts(web, app.name),
		...shared(facts, web),
		...wafResources(facts, web, app),
		...site(facts, web, app.name),
		{type: 'unit', name: 'nginx.service', desired: {enabled: true, active: true, masked: false}, why: t('It runs, also after a reboot.')},
		...jailResources(facts, answers, app.name),
	];
}

/** Why nginx cannot be the web server here. */
function unfit({listeners, web}: Facts): string | undefined {
	const other = listeners.find(({port, protocol, program}) => port === 80 && protocol === 'tcp' && program !== undefined && program !== 'nginx');
	if (other) {
		return t('{program} listens on port 80, and two web servers cannot share it. Stop it with `systemctl disable --now {program}`, or have it listen elsewhere.', {program: other.program!});
	}

	const missing = ['/etc/nginx/conf.d/*.conf', '/etc/nginx/sites-enabled/*'].find(pattern => !web.includes.includes(pattern));
	return web.installed && missing !== undefined
		? t('/etc/nginx/nginx.conf does not include {missing}, where the site would be put. Add `include {missing};` to its http block.', {missing})
		: undefined;
}

const isOpen = ({firewall}: Facts) => sourcesThrough(wallToday(firewall), {port: 80, protocol: 'tcp'}).length > 0;

function warnings(facts: Facts, web: Web): readonly string[] {
	const {backend} = facts.firewall;
	const others = othersOf(facts).filter(({listens}) => listens.some(({port, defaultServer}) => port === 80 && defaultServer));
	return [
		...facts.permissions.kernel.selinux?.enforcing ? [t('SELinux is enforcing here, and Debian\'s policy does not let nginx reach the app: the checks will not pass, and this step will be put back. It takes a policy module of your own.')] : [],
		...isOpen(facts) ? [] : [t('Port 80 is closed in the firewall: nobody outside will reach the site. Open it with: {command}', {
			command: backend === 'firewalld' ? 'sudo firewall-cmd --permanent --add-service=http && sudo firewall-cmd --add-service=http' : 'sudo ufw allow 80/tcp',
		})],
		...others.length > 0 ? [t('{files} answers to every name that no other site has, and goes on doing so.', {files: [...new Set(others.map(({file}) => file))].join(', ')})] : [],
		...web.domains.length === 0 ? [t('No domain is named: the app answers to every address of this server, robots included, and can have no certificate that browsers trust.')] : [],
		...web.waf !== 'off' && bytesOf(web.maxBodySize) > 100 * 1024 * 1024 ? [t('The application firewall keeps an upload in memory while it looks at it: up to {size} each. Where uploads are that large, a server with little memory is better off without it.', {size: web.maxBodySize})] : [],
		...web.waf === 'block' ? [t('The application firewall can take usual requests for attacks and refuse them. Look at the audit after a day of use.')] : [],
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

		return web.packagePage || web.servers.length === 0 ? t('nginx, without a site') : t('nginx, sites: {count}', {count: web.servers.length});
	},
	unfit,
	questions,
	resources,
	checks,
	remember: (_, {web, app}) => web === undefined || app === undefined ? [] : [
		t('Your own settings for nginx go into files of your own in {folder}; then:\n    sudo nginx -t && sudo systemctl reload nginx', {folder: `${layoutOf(app.name).nginx}/server.d`}),
		...web.cspReportOnly ? [t('The policy for your pages is only tried out so far. Look at the console of a browser while you use the site, name in the policy what your pages need, then run this step again and enforce it.\n    sudo {tool} --only web')] : [],
		...web.waf === 'detect' ? [t('The application firewall only watches so far. After some days see what it would have refused, then run this step again with waf: block.\n    sudo {tool} audit --only web\n    sudo {tool} --only web')] : [],
	],
	warnings: (facts, {web}) => web === undefined ? [] : warnings(facts, web),
	exposure: (facts, {web}) => web === undefined ? [] : exposureRows(facts, wallToday(facts.firewall), [{protocol: 'tcp', address: '*', port: 80, program: 'nginx'}]).filter(({what}) => /^80\b/.test(what)),
	needs: ['app'],
	// Its jails are Fail2Ban's, and it shows the app.
	standsOn: ['app', 'fail2ban'],
	auditedOnlyWhenTaken: true,
};
