/** Loaded before the harness: the process is gone, without a word, at its CUT_AFTER-th effect on the disk. */
import promises, {open, type FileHandle} from 'node:fs/promises';
import {syncBuiltinESMExports} from 'node:module';
import process from 'node:process';

type Method = (...parameters: unknown[]) => unknown;

let left = Number(process.env.CUT_AFTER);

function cutting(method: Method): Method {
	return function (this: unknown, ...parameters) {
		if (left-- === 0) {
			process.kill(process.pid, 'SIGKILL');
		}

		return method.apply(this, parameters);
	};
}

function arm(owner: object, names: readonly string[]): void {
	const methods = owner as Record<string, Method>;
	for (const name of names) {
		methods[name] = cutting(methods[name]!);
	}
}

const handle = await open('/dev/null');
arm(Object.getPrototypeOf(handle) as FileHandle, ['writeFile', 'chown', 'chmod', 'sync']);
await handle.close();
arm(promises, ['rename', 'unlink', 'symlink', 'mkdir', 'rmdir', 'rm', 'chmod']);
syncBuiltinESMExports();
