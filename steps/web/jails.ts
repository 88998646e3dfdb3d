import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Reload, Resource} from '../../source/engine/types.ts';
import {layoutOf} from '../app/layout.ts';
import {ignored} from '../fail2ban/settings.ts';
import * as ofRoot from '../of-root.ts';
import {unknownHostLog} from './site.ts';

/** Fail2Ban's eyes on the access log, where the Fail2Ban step is in force: pure. */

export const jailsOf = (name: string) => [`harden-${name}-scan`, `harden-${name}-refused`] as const;

const restart: Reload = {unit: 'fail2ban.service', action: 'restart', validate: ['fail2ban-client', '--test']};

function file(name: string, content: string, why: string): Resource {
	return {...ofRoot.file(`/etc/fail2ban/${name}`, content, why), reload: restart};
}

export function jailResources(facts: Facts, answers: Answers, name: string): readonly Resource[] {
	const {fail2ban} = answers;
	return fail2ban === undefined ? [] : [
		file('filter.d/harden-web-scan.conf', snippet('fail2ban/filter.d/harden-web-scan.conf'), t('What robots that look for holes ask for.')),
		file('filter.d/harden-web-refused.conf', snippet('fail2ban/filter.d/harden-web-refused.conf'), t('What counts as refused.')),
		file(`jail.d/60-harden-${name}.local`, snippet('fail2ban/jail.d/60-harden-web.local', {
			name,
			accessLog: layoutOf(name).accessLog,
			unknownHostLog,
			ports: '80,443',
			maxRetry: fail2ban.maxRetry,
			findTime: fail2ban.findTime,
			banTime: fail2ban.banTime,
			ignore: ignored(facts, answers).join(' '),
		}), t('Robots and floods are turned away by the kernel.')),
	];
}
