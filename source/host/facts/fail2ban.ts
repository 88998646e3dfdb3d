import {canonicalSource} from '../../engine/network.ts';
import type {Fail2banFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';
import {activeUnits} from './units.ts';

const folder = '/etc/fail2ban';
const ownName = '50-harden-python-vps.local';

/** The addresses after `# This server was set up from:` in our drop-in; anything that is no address is left out. */
export function parseOperators(dropIn: string): string[] {
	const list = /^# This server was set up from: *(?<list>.*)$/m.exec(dropIn)?.groups?.['list'] ?? '';
	return list.split(/\s+/).filter(word => word !== 'any' && canonicalSource(word) !== undefined);
}

/** What `ignoreip` lists in jail.conf(5)'s form, which may go on over indented lines. References to other settings are left out. */
export function parseIgnored(text: string): string[] {
	const values = [...text.matchAll(/^ignoreip\s*[=:](?<value>.*(?:\n[ \t]+\S.*)*)/gm)].map(({groups}) => groups!['value']!);
	return [...new Set(values.flatMap(value => value.replaceAll(/\s[#;].*/g, '').split(/[\s,]+/)).filter(word => /^[\w.:/-]+$/.test(word)))];
}

/** `logtarget` in fail2ban.conf(5)'s form, the last one counting; undefined where it is not said. */
export function parseLogTarget(texts: readonly string[]): string | undefined {
	return texts.flatMap(text => [...text.matchAll(/^logtarget\s*[=:]\s*(?<target>\S+)\s*$/gm)].map(({groups}) => groups!['target']!)).at(-1);
}

/** In the order in which fail2ban reads them: what comes later wins. */
async function readLayers(host: Host, name: 'jail' | 'fail2ban'): Promise<ReadonlyArray<{name: string; text: string}>> {
	const names = (await host.list(`${folder}/${name}.d`)).filter(file => file !== ownName);
	const ending = (wanted: string) => names.filter(file => file.endsWith(wanted)).map(file => `${name}.d/${file}`);
	const paths = [`${name}.conf`, ...ending('.conf'), `${name}.local`, ...ending('.local')];
	return Promise.all(paths.map(async path => ({name: path, text: await host.read(`${folder}/${path}`) ?? ''})));
}

/** Works without root: the configuration can be read by everybody. */
export async function collectFail2ban(host: Host): Promise<Fail2banFacts> {
	const [jails, general, dropIn, log, active] = await Promise.all([
		readLayers(host, 'jail'),
		readLayers(host, 'fail2ban'),
		host.read(`${folder}/jail.d/${ownName}`),
		host.stat('/var/log/auth.log'),
		activeUnits(host),
	]);
	const target = parseLogTarget(general.map(({text}) => text)) ?? '/var/log/fail2ban.log';
	return {
		installed: jails.some(({name, text}) => name === 'jail.conf' && text !== ''),
		running: active.has('fail2ban.service'),
		authLog: log !== undefined && log.size > 0,
		operators: parseOperators(dropIn ?? ''),
		ignored: [...new Set(jails.flatMap(({text}) => parseIgnored(text)))],
		...target.startsWith('/') && {logFile: target},
	};
}
