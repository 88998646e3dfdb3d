import type {ResourceType} from './types.ts';

/** A change in words and as a diff, derived here and nowhere else: preview, progress, status and undo all show this. */
export type Description = {
	sign: '+' | '~' | '-';
	type: ResourceType;
	name: string;
	/** e.g. `/etc/ssh/sshd_config.d/00-harden.conf`, `fail2ban 1.1.0-8`. */
	title: string;
	/** e.g. `18 lines`, `off → on`. */
	detail: string;
	why: string;
	/** The body of a unified diff, for files: lines starting with `+`, `-`, a space, or `@@`. */
	diff?: readonly string[];
	/** Why it cannot be undone, or not completely. */
	lasting?: string;
};
