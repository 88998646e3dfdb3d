import {t} from '../words.ts';

/** A command that somebody may run as root, and nothing else. Pure. */

/** `[USER:] /absolute/path argument …`: the user is the admin where none is named. */
export type SudoCommand = {user?: string; path: string; args: readonly string[]};

const form = /^(?:(?<user>[a-z_][a-z\d_-]{0,31}): *)?(?<path>\/\S+)(?: +(?<args>\S.*))?$/;

export function parseSudoCommand(text: string): SudoCommand | undefined {
	const {user, path, args} = form.exec(text.trim())?.groups ?? {};
	return path === undefined ? undefined : {...user !== undefined && {user}, path, args: args?.split(/ +/).filter(Boolean) ?? []};
}

/** Nothing that sudoers(5) or a shell reads as more than itself: no wildcard, no quote, no negation, no list. */
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.@+-]+)+$/;
const plainArgument = /^[\w./:@%+=,-]+$/;

/** Folders that others than root write in: who may change the program is root. */
const othersWrite = /^\/(?:home|tmp|var\/tmp|dev|run\/user|proc|mnt|media)\//;

type Family = {names: readonly string[]; why: () => string};

/** By what they let their user do beyond what they are for; gtfobins.github.io shows how. */
const escapes: readonly Family[] = [
	{names: ['sh', 'bash', 'dash', 'zsh', 'fish', 'ksh', 'csh', 'tcsh', 'rbash', 'busybox', 'su', 'sudo', 'sudoedit', 'login', 'screen', 'tmux', 'script', 'chroot', 'nsenter', 'unshare', 'setpriv', 'runuser', 'pkexec', 'machinectl', 'systemd-run'], why: () => t('it is a shell, or starts one')},
	{names: ['vi', 'vim', 'nvim', 'view', 'vimdiff', 'rvim', 'nano', 'pico', 'emacs', 'ed', 'ex', 'joe', 'mcedit', 'mc', 'micro', 'visudo', 'vipw', 'crontab', 'select-editor', 'sensible-editor', 'editor'], why: () => t('an editor starts a shell and writes any file')},
	{names: ['less', 'more', 'most', 'pager', 'sensible-pager', 'man', 'info', 'top', 'htop', 'psql', 'mysql', 'mariadb', 'sqlite3', 'redis-cli', 'ftp', 'sftp', 'gdb', 'git', 'dmesg'], why: () => t('one key inside it starts a shell, or it shows its output with a pager in which one does')},
	{names: ['perl', 'ruby', 'node', 'nodejs', 'npm', 'npx', 'pip', 'pip3', 'php', 'lua', 'tclsh', 'expect', 'java', 'awk', 'gawk', 'mawk', 'sed', 'make', 'ansible-playbook', 'django-admin', 'gunicorn'], why: () => t('it runs programs that others can hand it')},
	{names: ['find', 'tar', 'zip', 'xargs', 'env', 'nice', 'ionice', 'nohup', 'setsid', 'time', 'timeout', 'watch', 'strace', 'ltrace', 'rsync', 'ssh', 'scp', 'socat', 'nc', 'ncat', 'netcat', 'parallel', 'flock', 'logrotate', 'run-parts', 'start-stop-daemon', 'tcpdump', 'capsh', 'cpio', 'at', 'batch'], why: () => t('it can be told to run any other program')},
	{names: ['cp', 'mv', 'dd', 'tee', 'install', 'ln', 'chmod', 'chown', 'chgrp', 'setfacl', 'rm', 'truncate', 'mount', 'umount', 'mknod', 'patch', 'unzip', 'gzip', 'wget', 'curl', 'cat', 'head', 'tail', 'xxd', 'base64', 'openssl'], why: () => t('it reads or writes files that only root should')},
	{names: ['useradd', 'usermod', 'adduser', 'passwd', 'chpasswd', 'gpasswd', 'groupmod', 'chsh', 'insmod', 'modprobe', 'docker', 'podman', 'lxc', 'kubectl', 'snap', 'dpkg', 'dpkg-reconfigure', 'rpm', 'dnf', 'yum', 'debconf'], why: () => t('whoever can use it is root already')},
];

const serviceVerbs = new Set(['start', 'stop', 'restart', 'reload', 'try-restart', 'reload-or-restart', 'try-reload-or-restart', 'is-active', 'is-enabled', 'is-failed']);
const unitForm = /^[\w@.:-]+$/;

/** Programs that are fine with some arguments and not with others. */
const pinned: Readonly<Record<string, (args: readonly string[]) => string | undefined>> = {
	systemctl([verb, ...units]) {
		if (verb === 'status') {
			return t('systemctl status shows its output with a pager, in which one key starts a shell; let them use it without sudo');
		}

		return verb !== undefined && serviceVerbs.has(verb) && units.length > 0 && units.every(unit => unitForm.test(unit) && !unit.startsWith('-'))
			? undefined
			: t('systemctl needs what to do (start, stop, restart, reload …) and the unit written out, or it is any service');
	},
	service([unit, verb, ...rest]) {
		return unit !== undefined && unitForm.test(unit) && !unit.startsWith('-') && ['start', 'stop', 'restart', 'reload'].includes(verb ?? '') && rest.length === 0
			? undefined
			: t('service needs the service and start, stop, restart or reload written out');
	},
	journalctl: args => args.includes('--no-pager') ? undefined : t('journalctl shows its output with a pager, in which one key starts a shell; add --no-pager'),
	'apt-get': args => args.join(' ') === 'update' ? undefined : t('apt-get runs the scripts of what it installs, and stops in a shell to ask; only `apt-get update` is safe'),
	apt: args => args.join(' ') === 'update' ? undefined : t('apt runs the scripts of what it installs, and stops in a shell to ask; only `apt update` is safe'),
};

function nameOf(path: string): string {
	return path.slice(path.lastIndexOf('/') + 1);
}

/** Why this must not be run as root by somebody who is not to be root, as a short clause; undefined where it may. */
export function sudoObjection(text: string): string | undefined {
	const command = parseSudoCommand(text);
	if (!command) {
		return t('it has to begin with the absolute path of a program');
	}

	const {path, args} = command;
	if (!plainPath.test(path) || args.some(arg => !plainArgument.test(arg))) {
		return t('wildcards, quotes and characters with a meaning in sudoers would allow more than they seem to');
	}

	if (othersWrite.test(path)) {
		return t('others than root can put a program of theirs there');
	}

	const name = nameOf(path);
	if (Object.hasOwn(pinned, name)) {
		return pinned[name]!(args);
	}

	if (/^(?:python|pypy|perl|ruby|php|lua)[\d.]*$/.test(name)) {
		return t('an interpreter runs whatever it is handed; put the work into a small program that only root can write');
	}

	return escapes.find(({names}) => names.includes(name))?.why();
}

/** As sudoers(5) takes it. Without arguments `""` says that none may be given; left out, any could be. */
export function sudoersCommand({path, args}: SudoCommand): string {
	const escaped = args.map(arg => arg.replaceAll(/[,:=\\]/g, String.raw`\$&`));
	return [path, ...args.length === 0 ? ['""'] : escaped].join(' ');
}
