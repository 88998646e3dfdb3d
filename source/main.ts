import process from 'node:process';
import {main} from './cli.ts';

// The one place that ends the process: timers and streams of the front ends may still be open.
process.exit(await main(process.argv.slice(2)));
