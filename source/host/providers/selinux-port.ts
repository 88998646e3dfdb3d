import process from 'node:process';
import {entryFor, parsePortName, parsePorts, type PortName, type PortRange} from '../../engine/selinux-port.ts';
import type {Host, Provider, ResourceStates} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';
import {mustRun} from '../host.ts';

type State = ResourceStates['selinux-port'];

/** What was said on this server, and that beside what the policy says. */
type Said = {here: readonly PortRange[]; all: readonly PortRange[]};

/** A second to list them and some to build the policy anew; minutes on a small server that is busy with other things. */
const patience = {timeout: 600_000};

/** Undefined where nobody can tell: without semanage, or without root, to whom alone it answers. */
async function ask(host: Host): Promise<Said | undefined> {
	const [here, all] = await Promise.all([['--locallist'], []].map(async words => {
		const argv = ['semanage', 'port', '--list', '--noheading', ...words] as const;
		const output = await host.run(argv, patience);
		if (output.exitCode === 127 || (output.exitCode !== 0 && process.getuid?.() !== 0)) {
			return undefined;
		}

		return parsePorts(await mustRun({...host, run: async () => output}, argv));
	}));
	return here && all && {here, all};
}

function stateFrom({here, all}: Said, port: PortName): State {
	const own = entryFor(here, port);
	// A rule of this server's counts more than the policy's, however narrow that is.
	const entry = own ?? entryFor(all, port);
	return entry === undefined ? null : {type: entry.type, ...own === undefined && {byPolicy: true as const}};
}

const isExactly = ({port, protocol}: PortName) => (range: PortRange) => range.protocol === protocol && range.from === port && range.to === port;

/** semanage would refuse it as well, but in words that say nothing. */
function assertNoRange({here}: Said, port: PortName): void {
	const range = entryFor(here, port);
	if (range !== undefined && !isExactly(port)(range)) {
		const placeholders = {ports: `${range.protocol}/${range.from}-${range.to}`, type: range.type, protocol: range.protocol, range: `${range.from}-${range.to}`};
		throw new Problem(
			t('SELinux was told on this server that {ports} are {type}, and no single port can be taken out of a range.', placeholders),
			t('Choose another port, or take the range away and say it anew without this port: semanage port --delete --proto {protocol} {range}', placeholders),
			1,
		);
	}
}

/** The types of ports, as SELinux has them. Only what was said on this server is ever changed; the policy's own stays below it. */
export function selinuxPortProvider(host: Host): Provider<'selinux-port'> {
	return {
		async read(name) {
			const port = parsePortName(name);
			const said = await ask(host);
			return said ? stateFrom(said, port) : null;
		},
		async write(name, state) {
			const port = parsePortName(name);
			const said = await ask(host);
			const isWanted = state !== null && state.byPolicy === undefined;
			if (!isWanted && !said?.here.some(range => isExactly(port)(range))) {
				return;
			}

			if (isWanted && said) {
				assertNoRange(said, port);
			}

			// Debian 12's semanage does not add what the policy names already; Debian 13's would modify it by itself.
			const how = isWanted ? [said?.all.some(range => isExactly(port)(range)) ? '--modify' : '--add', '--type', state.type] : ['--delete'];
			await mustRun(host, ['semanage', 'port', ...how, '--proto', port.protocol, String(port.port)], patience);
		},
		same: (left, right) => left?.type === right?.type,
		// It becomes the new policy in one piece, or not at all.
		atomic: true,
	};
}
