/** What AppArmor writes down, in the kernel's log or in that of auditd: pure. */

/** Something that a profile refused, or would have refused while it only watched. */
export type Refusal = {
	/** The moment and number of the record: the same one may stand in two logs. */
	record: string;
	/** Seconds since 1970. */
	when: number;
	/** In words: `read /srv/x`, `capability chown`. */
	what: string;
};

/** `name="/a b"` or, where it holds what a log must not, its bytes in hex without quotes. */
function valueOf(line: string, key: string): string | undefined {
	const {quoted, plain} = new RegExp(String.raw`\b${key}=(?:"(?<quoted>[^"]*)"|(?<plain>\S+))`).exec(line)?.groups ?? {};
	return quoted ?? (plain !== undefined && /^(?:[\dA-F]{2})+$/.test(plain) ? Buffer.from(plain, 'hex').toString('utf8') : plain);
}

const deeds: Readonly<Record<string, string>> = {
	r: 'read', w: 'write', c: 'make', d: 'remove', x: 'run', m: 'map', k: 'lock', l: 'link', a: 'append',
};

function describe(line: string): string {
	const value = (key: string) => valueOf(line, key);
	const operation = value('operation') ?? '';
	switch (operation) {
		case 'capable': {
			return `capability ${value('capname') ?? ''}`;
		}

		case 'signal':
		case 'ptrace': {
			return `${operation} ${value('signal') ?? value('denied_mask') ?? ''} to ${value('peer') ?? ''}`;
		}

		default: {
			const name = value('name');
			const deed = [...value('denied_mask') ?? ''].map(letter => deeds[letter] ?? '').filter(Boolean).join(', ');
			return name === undefined
				? [operation, value('family'), value('sock_type')].filter(Boolean).join(' ')
				: `${deed || operation} ${name}`;
		}
	}
}

/** What was noted of a profile, each record once. The children of a watched profile (`//null-…`) are its own. */
export function parseRefusals(text: string, profile: string): readonly Refusal[] {
	const refusals = text.split('\n').flatMap((line): Array<[string, Refusal]> => {
		const of = valueOf(line, 'profile');
		const {record, when} = /audit\((?<record>(?<when>\d+)[.\d]*:\d+)\)/.exec(line)?.groups ?? {};
		const ours = /\bapparmor="(?:ALLOWED|DENIED)"/.test(line) && (of === profile || of?.startsWith(`${profile}//`));
		return ours && record !== undefined ? [[record, {record, when: Number(when), what: describe(line)}]] : [];
	});
	return [...new Map(refusals).values()];
}
