/* eslint-disable import-x/no-unassigned-import, import-x/order -- it has to be first */
import './small-heap.ts';
/* eslint-enable import-x/no-unassigned-import, import-x/order */
import {closeSync} from 'node:fs';
import process from 'node:process';
import {main} from './cli.ts';

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
	// What was written into a pipe is still on its way: 64 KiB of it at a time.
	await Promise.all([process.stdout, process.stderr].map(async stream => new Promise<void>(resolve => {
		stream.once('error', () => {
			resolve();
		});
		stream.write('', () => {
			resolve();
		});
	})));
}

// The one place that ends the process: timers and streams of the front ends may still be open.
// eslint-disable-next-line unicorn/no-process-exit -- see above
process.exit(exitCode);
