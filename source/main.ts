/* eslint-disable import-x/no-unassigned-import, import-x/order -- it has to be first */
import './small-heap.ts';
/* eslint-enable import-x/no-unassigned-import, import-x/order */
import {closeSync} from 'node:fs';
import process from 'node:process';
import {main} from './cli.ts';

/** What was written to a pipe is on its way until whoever reads took it: a pipe holds 64 KiB, and the rest would be cut off. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
	return new Promise(resolve => {
		// Nobody reads any more, as behind `head`: that is no error of ours.
		stream.once('error', () => {
			resolve();
		});
		stream.write('', () => {
			resolve();
		});
	});
}

let terminalIsGone = false;
process.once('SIGHUP', () => {
	terminalIsGone = true;
});
const exitCode = await main(process.argv.slice(2));
if (terminalIsGone) {
	// Node 20 aborts when it cannot give a terminal that hung up its settings back.
	for (const stream of [0, 1, 2]) {
		try {
			closeSync(stream);
		} catch {
			// Closed already.
		}
	}
} else {
	await Promise.all([written(process.stdout), written(process.stderr)]);
}

// The one place that ends the process: timers and streams of the front ends may still be open.
// eslint-disable-next-line unicorn/no-process-exit -- see above
process.exit(exitCode);
