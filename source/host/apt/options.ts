import type {Argv} from '../../engine/types.ts';
import {statusDescriptor} from './service.ts';

/** A configuration file that the user edited stays as it is; one that nobody touched follows its package. */
export const conffileOptions = ['--force-confdef', '--force-confold', '--refuse-confnew', '--refuse-confask'] as const;

const aptOptions = [
	...conffileOptions.map(option => `Dpkg::Options::=${option}`),
	`APT::Status-Fd=${statusDescriptor}`,
	'Dpkg::Use-Pty=0',
	'DPkg::Lock::Timeout=60',
	'Acquire::Retries=3',
	'Acquire::http::Timeout=30',
	'Acquire::https::Timeout=30',
	// `stable` becoming `oldstable` is no reason to stop; another codename or origin still is.
	'Acquire::AllowReleaseInfoChange::Suite=true',
	'Acquire::AllowReleaseInfoChange::Version=true',
].flatMap(option => ['-o', option]);

/** Arguments for apt-get that make it ask nothing and tell how far it is. */
export function aptGet(...args: readonly string[]): Argv {
	return ['apt-get', '-q', '--yes', ...aptOptions, ...args];
}
