import process from 'node:process';
import {askSemanage, entryFor, parsePortName, semanage, typeOf, type PortName, type PortRange, type Said} from '../../engine/selinux-port.ts';
import type {Host, Provider} from '../../engine/types.ts';
import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';

function failed(command: string, words: string): Problem {
	return new Problem(t('`{command}` failed: {words}', {command, words: words || t('it said nothing')}), t('Look at what it says, put that right, and try again.'), 1);
}

/** Undefined where nobody can tell: without semanage, or without root, to whom alone it answers. */
async function ask(host: Host): Promise<Said | undefined> {
	const answer = await askSemanage(host);
	if ('here' in answer) {
		return answer;
	}

	if ('reason' in answer && process.getuid?.() === 0) {
		throw failed('semanage port --list', answer.reason);
	}

	return undefined;
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
			return said ? typeOf(said, port) ?? null : null;
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
			const {exitCode, words} = await semanage(host, ['port', ...how, '--proto', port.protocol, String(port.port)]);
			if (exitCode !== 0) {
				throw failed(`semanage port ${how[0]!}`, words);
			}
		},
		same: (left, right) => left?.type === right?.type,
		// It becomes the new policy in one piece, or not at all.
		atomic: true,
	};
}
