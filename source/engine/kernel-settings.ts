import {t} from '../words.ts';

/**
 * The kernel settings that we have an opinion on. Not among them, since somebody needs them, or since they cannot be taken
 * back before a restart: ip_forward (Docker, VPNs), user namespaces (rootless containers, browsers, snaps), accept_ra (IPv6 of
 * many providers), sysrq (the way out on a provider's console), log_martians (fills the log on a public address),
 * kexec_load_disabled, modules_disabled, ptrace_scope 3 and unprivileged_bpf_disabled 1 (for good).
 * Pure data: the facts look these keys up, the step makes them so.
 */

/** What is in use here that a setting would get in the way of. */
export type KernelUse = {
	/** Packets may come back by another way than they went: Docker, a VPN, several networks. */
	routes: boolean;
	/** Tools that look into other running programs of the same user: gdb, strace, py-spy. */
	debugging: boolean;
	/** Tools that look into the kernel: perf, bpftrace. */
	tracing: boolean;
};

export type KernelSetting = {
	key: string;
	/** `undefined` leaves it as it is. `current` is the running value. */
	value: (use: KernelUse, current: string) => string | undefined;
	why: () => string;
};

/** At least so much: what is stricter already stays. */
const atLeast = (wanted: number) => (_: KernelUse, current: string) => Number(current) >= wanted ? current : String(wanted);
const always = (value: string) => () => value;
const unless = (use: keyof KernelUse, value: KernelSetting['value']): KernelSetting['value'] => (uses, current) => uses[use] ? undefined : value(uses, current);

const links = () => t('A trap laid in a shared folder such as /tmp does not catch programs of others.');
const secrets = () => t('Addresses and messages of the kernel help whoever attacks it.');
const redirects = () => t('Nobody else on the network may change where packets go.');

const everywhere: readonly KernelSetting[] = [
	{key: 'fs.protected_symlinks', value: always('1'), why: links},
	{key: 'fs.protected_hardlinks', value: always('1'), why: links},
	{key: 'fs.protected_fifos', value: always('2'), why: links},
	{key: 'fs.protected_regular', value: always('2'), why: links},
	{key: 'fs.suid_dumpable', value: always('0'), why: () => t('Programs with more rights than their user leave no dump of their memory.')},
	{key: 'kernel.dmesg_restrict', value: always('1'), why: secrets},
	{key: 'kernel.kptr_restrict', value: unless('tracing', atLeast(2)), why: secrets},
	{key: 'kernel.perf_event_paranoid', value: unless('tracing', atLeast(3)), why: secrets},
	{key: 'kernel.randomize_va_space', value: always('2'), why: () => t('Attacks have to guess where things lie in memory.')},
	// 1 would be for good.
	{key: 'kernel.unprivileged_bpf_disabled', value: (_, current) => current === '0' ? '2' : current, why: () => t('Only root may put programs into the kernel.')},
	{key: 'kernel.yama.ptrace_scope', value: unless('debugging', atLeast(1)), why: () => t('A program cannot read the memory of the user\'s other programs, keys and passwords included.')},
	{key: 'kernel.core_uses_pid', value: always('1'), why: () => t('Should a dump be wanted one day, none overwrites another.')},
	{key: 'kernel.ctrl-alt-del', value: always('0'), why: () => t('Three keys on the console do not restart the server at once.')},
	{key: 'dev.tty.ldisc_autoload', value: always('0'), why: () => t('Old terminal drivers, known for their holes, are not loaded on a user\'s demand.')},
	{key: 'net.core.bpf_jit_harden', value: atLeast(2), why: () => t('Packet filters cannot be used to smuggle code into the kernel.')},
	{key: 'net.ipv4.tcp_syncookies', value: always('1'), why: () => t('Half-open connections cannot use up the server.')},
	{key: 'net.ipv4.tcp_rfc1337', value: always('1'), why: () => t('A late packet cannot end a new connection.')},
	{key: 'net.ipv4.icmp_echo_ignore_broadcasts', value: always('1'), why: () => t('The server is no amplifier for attacks on others.')},
	{key: 'net.ipv4.icmp_ignore_bogus_error_responses', value: always('1'), why: () => t('Senseless answers of routers do not fill the log.')},
];

const perInterface: readonly KernelSetting[] = [
	{key: 'net.ipv4.conf.*.accept_redirects', value: always('0'), why: redirects},
	{key: 'net.ipv4.conf.*.secure_redirects', value: always('0'), why: redirects},
	{key: 'net.ipv4.conf.*.accept_source_route', value: always('0'), why: redirects},
	{key: 'net.ipv4.conf.*.send_redirects', value: always('0'), why: () => t('This server is no router, and does not tell others where to send.')},
	{key: 'net.ipv4.conf.*.rp_filter', value: ({routes}, current) => routes ? (current === '0' ? '2' : current) : '1', why: () => t('Packets with a forged sender are dropped.')},
	{key: 'net.ipv6.conf.*.accept_redirects', value: always('0'), why: redirects},
	{key: 'net.ipv6.conf.*.accept_source_route', value: always('0'), why: redirects},
];

/** `all` for every interface, `default` for those to come, and each that is there: for some keys the kernel asks that one alone. */
export function settingsFor(interfaces: readonly string[]): readonly KernelSetting[] {
	// sysctl(8): a dot in a name is written as a slash.
	const names = ['all', 'default', ...interfaces.map(name => name.replaceAll('.', '/'))];
	return [...everywhere, ...perInterface.flatMap(setting => names.map(name => ({...setting, key: setting.key.replace('*', name)})))];
}
