import process from 'node:process';
import {Problem} from './problem.ts';
import {t} from './words.ts';

export function isRoot(): boolean {
	return process.geteuid?.() === 0;
}

export function assertRoot(wayOut: string): void {
	if (!isRoot()) {
		throw new Problem(t('This changes the server, and so it has to be root.'), wayOut);
	}
}
