import {setTimeout} from 'node:timers/promises';
import {adminKey, installTool} from '../tool.ts';
import {boot} from '../vps/server.ts';
import {drive, openWizard} from '../walk.ts';
import {installMeter, meteredTool, peakOf} from './apply.ts';
import {barred, kilobytes, mebibytes, type Row} from './table.ts';

/** What the wizard on a terminal sends over the line, and with how much memory. */

const minute = 60_000;

export async function lineRows(): Promise<Row[]> {
	const server = await boot({release: 'trixie'});
	try {
		await installTool(server);
		await installMeter(server);
		const {publicKey} = await adminKey();
		await server.run(['sh', '-c', 'echo "$1" >> /root/.ssh/authorized_keys', 'add', publicKey]);
		const terminal = await openWizard(server, {program: meteredTool, argv: ['--only', 'updates,ssh,firewall,fail2ban']});
		const sent = await terminal.countBytes();
		const rows: Row[] = [];
		const waited = new Set<string>();
		const applying = {bytes: 0, milliseconds: 0, from: 0, since: 0};
		await drive(server, terminal, {
			async at(moment) {
				const now = Date.now();
				const bytes = await sent();
				if (applying.since > 0) {
					applying.bytes += bytes - applying.from;
					applying.milliseconds += now - applying.since;
				}

				applying.since = moment === 'applying' ? now : 0;
				applying.from = bytes;
				if ((moment === 'question' || moment === 'guard') && !waited.has(moment)) {
					waited.add(moment);
					await setTimeout(minute);
					const name = moment === 'question' ? 'bytes in 60 s at a question' : 'bytes in 60 s at the guard';
					rows.push(barred(name, (await sent() - bytes) / 1000, 12, kilobytes));
				}

				return false;
			},
		});
		return [
			...rows,
			barred('bytes a second while applying', applying.bytes / applying.milliseconds, 4, kilobytes),
			barred('peak memory, on a terminal', await peakOf(server), 130, mebibytes),
		];
	} finally {
		await server.destroy();
	}
}
