import type {Argv} from './types.ts';

/** What makes a service run and stop, and is not for a command that is run once as the service is run. */
const ofTheServiceAlone = /^(?:Exec|Type$|NotifyAccess$|Restart|Kill|Timeout|Watchdog|RemainAfterExit$|PIDFile$|Sockets$|BusName$|RuntimeDirectory|FileDescriptorStore)/;

/** Words for addresses that a unit file may mix with others, and systemd-run(1) does not take so. */
const addresses: Readonly<Record<string, string>> = {
	any: '0.0.0.0/0 ::/0',
	localhost: '127.0.0.0/8 ::1/128',
	'link-local': '169.254.0.0/16 fe80::/64',
	multicast: '224.0.0.0/4 ff00::/8',
};

const spelledOut = (line: string) => line.startsWith('IPAddress') ? line.replaceAll(/(?<=[=\s])[a-z-]+(?=\s|$)/g, word => addresses[word] ?? word) : line;

/** The settings of a service, as `systemctl cat` prints its file and drop-ins, in their order: `NAME=value`. */
export function serviceProperties(text: string): readonly string[] {
	let section = '';
	return text.replaceAll(/\s*\\\n\s*/g, ' ').split('\n').map(line => line.trim()).flatMap(line => {
		section = /^\[(?<name>\w+)]$/.exec(line)?.groups?.['name'] ?? section;
		const name = /^(?<name>[A-Z]\w*)\s*=/.exec(line)?.groups?.['name'];
		return section === 'Service' && name !== undefined && !ofTheServiceAlone.test(name) ? [spelledOut(line)] : [];
	});
}

/** The command that runs another as the service runs: as its user, in its sandbox, with its secrets. */
export function asService(properties: readonly string[], ...command: readonly string[]): Argv {
	return ['systemd-run', '--quiet', '--wait', '--pipe', '--collect', '--service-type=exec', ...properties.map(property => `--property=${property}`), '--', ...command];
}
