import {allow, decision, ruleName} from '../../source/engine/firewall-rule.ts';
import {dropIn, dropInFolder, parseSshdConfig} from '../../source/engine/sshd-config.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Reload, Resource} from '../../source/engine/types.ts';
import type {SshAnswers} from './admin.ts';
import {hostKeysToMake} from './algorithms.ts';
import {otherFiles} from './other-files.ts';
import {selinuxResources} from './selinux.ts';
import {dropInText, type Phase} from './settings.ts';

/** sshd itself: its door in the firewall, its unit, its keys and its configuration, as resources. Pure. */

const service = 'ssh.service';
const validate = ['sshd', '-t'] as const;
const reload: Reload = {unit: service, action: 'reload', validate};

/** The new port is let in before anybody is asked to come in by it. Where rules let it in already there is nothing to add. */
function firewallResources({firewall}: Facts, {port, allowFrom}: SshAnswers): readonly Resource[] {
	const {backend} = firewall;
	if (backend !== 'ufw' && backend !== 'firewalld') {
		return [];
	}

	const {rules} = firewall[backend];
	const sources = (allowFrom.length === 0 ? ['any'] : allowFrom)
		.filter(source => !['allow', 'limit'].includes(decision(rules, {port, protocol: 'tcp'}, source) ?? ''));
	return sources.map(source => ({
		type: 'firewall-rule',
		name: ruleName(backend, allow(port, source)),
		desired: {},
		why: t('The new port has to be reachable before you are asked to come in by it.'),
	}));
}

/**
 * sshd has to listen by itself: behind a socket unit its ports are not those of its configuration. The switch comes while
 * the configuration is still the old one, and open sessions live through it (KillMode=process).
 */
function unitResources({units, ssh}: Facts): readonly Resource[] {
	const socket = units['ssh.socket'];
	return [
		...socket && (ssh.socketActivated || socket.active || socket.enabled)
			? [{
				type: 'unit',
				name: 'ssh.socket',
				desired: {enabled: false, active: false, masked: socket.masked},
				why: t('While this socket listens, the ports in sshd\'s configuration do not count.'),
				reload: {unit: service, action: 'restart', validate},
			} satisfies Resource]
			: [],
		{type: 'unit', name: service, desired: {enabled: true, active: true, masked: false}, why: t('sshd listens by itself, now and after a restart.')},
	];
}

function hostKeyResources({ssh}: Facts): readonly Resource[] {
	return hostKeysToMake(ssh).map(({path, key}) => ({
		type: 'host-key',
		name: path,
		desired: key,
		why: t('The server proves who it is with it. The ones that it has are too weak, or of another kind.'),
		reload,
	}));
}

/** Short groups make a key exchange that a rich attacker can break (weakdh.org). The file counts from 0: 3071 is 3072 bits. */
function moduliResources({ssh: {moduli, shortModuli}}: Facts): readonly Resource[] {
	const isLong = (line: string) => !/^\d/.test(line) || Number(line.split(/\s+/)[4]) >= 3071;
	return moduli === undefined || shortModuli === 0 ? [] : [{
		type: 'file',
		name: '/etc/ssh/moduli',
		desired: {content: moduli.split('\n').filter(line => isLong(line)).join('\n'), mode: 0o644, owner: 'root', group: 'root'},
		why: t('{count} short groups for the key exchange go; the long ones stay.', {count: shortModuli}),
	}];
}

/** Options on the command line beat every file, and systemd's files are not where anybody would look for them. */
function assertNoOptions({ssh: {options}}: Facts): void {
	if (options !== undefined && /(?:^|\s)-[46Ddeiqt]*[fhop]/.test(options)) {
		throw new Problem(
			t('/etc/default/ssh gives sshd options that no configuration file can change: SSHD_OPTS="{options}".', {options}),
			t('Move them into a file of your own in /etc/ssh/sshd_config.d, empty SSHD_OPTS, run `systemctl restart ssh`, and come back.'),
		);
	}
}

function configResources(facts: Facts, ssh: SshAnswers, phase: Phase): readonly Resource[] {
	const text = dropInText(facts, ssh, phase);
	// What the last phase will say decides what has to go elsewhere, so that both phases find the same files.
	const ours = new Set(parseSshdConfig(dropInText(facts, ssh, 'final')).map(({keyword}) => keyword));
	const others = otherFiles(facts.ssh, ours).map(({path, content, mode, owner, group, why}): Resource => ({
		type: 'file', name: path, desired: {content, mode, owner, group}, why, reload,
	}));
	return [
		// Ours comes last: were the power cut before it is there, sshd would still start with what is.
		...others,
		...facts.ssh.hasDropInFolder ? [] : [{type: 'directory', name: dropInFolder, desired: {mode: 0o755, owner: 'root', group: 'root'}, why: t('sshd reads the files in it.')} satisfies Resource],
		{
			type: 'file',
			name: dropIn,
			desired: {content: text, mode: 0o644, owner: 'root', group: 'root'},
			why: t('One file of our own, read before all others; yours stay as they are.'),
			validate: ['sshd', '-t', '-f', '{file}'],
			reload,
		},
	];
}

/** In the order in which they are made. */
export function daemonResources(facts: Facts, ssh: SshAnswers, phase: Phase): readonly Resource[] {
	assertNoOptions(facts);
	return [
		...firewallResources(facts, ssh),
		...selinuxResources(facts, ssh),
		...unitResources(facts),
		...hostKeyResources(facts),
		...moduliResources(facts),
		...configResources(facts, ssh, phase),
	];
}
