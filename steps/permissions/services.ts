import {isLoopback} from '../../source/engine/network.ts';
import {Problem} from '../../source/problem.ts';
import {t} from '../../source/words.ts';
import type {Facts, Listener} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';

/** Services that listen and that a web app has no use for: pure. */

type Service = {
	/** What the answers call it. */
	name: string;
	/** Services first: a socket that is stopped while its service runs takes that along, or is taken up by it again. */
	units: readonly string[];
	/** As `ss` names who listens. */
	programs: readonly string[];
	ports: readonly number[];
	/** Who needs it, for whoever has to decide. */
	neededBy: () => string;
	/** Nobody needs it beside a web app, so it is proposed. */
	isNeedless?: (facts: Facts) => boolean;
};

const always = () => true;

const catalogue: readonly Service[] = [
	{name: 'telnet', units: ['inetd.service', 'openbsd-inetd.service', 'inetutils-inetd.service', 'xinetd.service', 'telnet.socket'], programs: ['inetd', 'xinetd', 'in.telnetd', 'telnetd'], ports: [23, 512, 513, 514], neededBy: () => t('logins of the time before SSH: passwords travel in clear text'), isNeedless: always},
	{name: 'ftp', units: ['vsftpd.service', 'proftpd.service', 'proftpd.socket', 'pure-ftpd.service'], programs: ['vsftpd', 'proftpd', 'pure-ftpd'], ports: [21], neededBy: () => t('whoever uploads by FTP: passwords travel in clear text, and sftp is there already')},
	{name: 'tftp', units: ['tftpd-hpa.service', 'atftpd.service'], programs: ['in.tftpd', 'atftpd'], ports: [69], neededBy: () => t('devices that start over the network'), isNeedless: always},
	{name: 'rpcbind', units: ['rpcbind.service', 'rpcbind.socket'], programs: ['rpcbind'], ports: [111], neededBy: () => t('NFS, the file sharing of Unix'), isNeedless: ({permissions}) => !permissions.networkFiles},
	{name: 'nfs', units: ['nfs-server.service', 'nfs-kernel-server.service'], programs: ['rpc.mountd', 'nfsd'], ports: [2049], neededBy: () => t('whoever mounts this server\'s folders')},
	{name: 'avahi', units: ['avahi-daemon.service', 'avahi-daemon.socket'], programs: ['avahi-daemon'], ports: [5353], neededBy: () => t('printers and players in a home network'), isNeedless: always},
	{name: 'cups', units: ['cups-browsed.service', 'cups.service', 'cups.path', 'cups.socket'], programs: ['cupsd', 'cups-browsed'], ports: [631], neededBy: () => t('printers'), isNeedless: always},
	{name: 'samba', units: ['smbd.service', 'nmbd.service', 'samba-ad-dc.service'], programs: ['smbd', 'nmbd', 'samba'], ports: [139, 445], neededBy: () => t('whoever opens this server\'s folders from Windows')},
	{name: 'mail', units: ['exim4.service', 'postfix.service', 'sendmail.service'], programs: ['exim4', 'master', 'smtpd', 'sendmail', 'sendmail-mta'], ports: [25], neededBy: () => t('mail that comes in from the internet; sending needs no open port')},
	{name: 'snmp', units: ['snmpd.service'], programs: ['snmpd'], ports: [161], neededBy: () => t('the monitoring of a data centre')},
	{name: 'rsync', units: ['rsync.service', 'rsync.socket'], programs: ['rsync'], ports: [873], neededBy: () => t('whoever copies from here without SSH')},
	{name: 'x11', units: ['xrdp.service', 'vncserver.service', 'x11vnc.service'], programs: ['xrdp', 'Xvnc', 'Xtightvnc', 'x11vnc'], ports: [3389, 5900, 5901], neededBy: () => t('a desktop over the network')},
];

export type Found = {service: Service; listeners: readonly Listener[]};

const isOutward = ({address}: Listener) => !isLoopback(address);

/** Those of the catalogue that listen for others, or that are already turned off by the answers. */
export function foundServices(facts: Facts): readonly Found[] {
	return catalogue.flatMap(service => {
		const listeners = facts.listeners.filter(listener => isOutward(listener) && listensFor(service, listener, facts));
		return listeners.length > 0 ? [{service, listeners}] : [];
	});
}

/** By the program where it is known; else by the port, if a unit of it runs (systemd itself holds a socket's port). */
function listensFor({programs, ports, units}: Service, {program, port}: Listener, facts: Facts): boolean {
	const runs = units.some(unit => facts.units[unit]?.active);
	return program === undefined || program === 'systemd' ? ports.includes(port) && runs : programs.includes(program) && (ports.includes(port) || runs);
}

/** What is proposed: it listens, and nobody needs it beside a web app. */
export function needlessServices(facts: Facts): readonly string[] {
	return foundServices(facts).filter(({service}) => service.isNeedless?.(facts)).map(({service}) => service.name);
}

/** Never to be turned off from here: the way in, the network, the system itself. */
const vital = /^(?:sshd?|systemd-.*|dbus.*|networking|NetworkManager|ifup@.*|cloud-.*|getty@.*|serial-getty@.*|user@.*|ufw|firewalld|nftables|fail2ban|polkit|init|harden-.*)$/;

/** The units behind a name of the answers: the catalogue's, or the unit itself. Only those that are here. */
function unitsOf(name: string, {units}: Facts): readonly string[] {
	const plain = name.replace(/\.(?:service|socket|path|timer)$/, '');
	if (vital.test(plain)) {
		throw new Problem(t('{name} is needed to reach or to run this server, so it is not turned off here.', {name}), t('Take it out of permissions.disableServices.'));
	}

	const known = catalogue.find(service => service.name === name)?.units;
	return (known ?? (plain === name ? [`${name}.service`, `${name}.socket`] : [name])).filter(unit => unit in units);
}

/** `docs` of what the user chose: stopped, and not started with the server. */
export function serviceResources(facts: Facts, names: readonly string[]): readonly Resource[] {
	const units = [...new Set(names.flatMap(name => unitsOf(name, facts)))];
	return units.map(unit => ({
		type: 'unit',
		name: unit,
		desired: {enabled: false, active: false, masked: facts.units[unit]!.masked},
		why: t('Turned off, as you chose: nobody needs it here, and what does not listen cannot be attacked.'),
	}));
}
