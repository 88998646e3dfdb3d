import {t} from '../words.ts';
import type {ResourceType} from '../engine/types.ts';
import {cut, pad, width, wrap} from './text.ts';
import type {Look, Style} from './look.ts';

/** Pieces that several screens are made of: lines of text, ready styled. All pure. */

/** Outside text or a sentence in lines, each styled alike. */
export function paragraph(text: string, look: Look, columns: number, style: Style = line => line): string[] {
	return text.split(/\r?\n/).flatMap(line => wrap(look.plain(line), columns)).map(line => style(line));
}

type Hanging = {columns: number; label?: Style; text?: Style};

/** A paragraph whose further lines hang below the first one's text, after a label or a bullet. */
export function hanging(label: string, text: string, look: Look, {columns, label: labelStyle = line => line, text: textStyle}: Hanging): string[] {
	const plain = look.plain(label);
	const indent = width(plain) + 1;
	const [first = '', ...rest] = paragraph(text, look, columns - indent, textStyle);
	return [`${labelStyle(plain)} ${first}`, ...rest.map(line => ' '.repeat(indent) + line)];
}

export type MenuItem = {label: string; hint?: string};

/** A menu to choose one of: the cursor marks the line, the accent only repeats it. */
export function menu(items: readonly MenuItem[], cursor: number, look: Look, columns: number): string[] {
	const longest = Math.max(...items.map(({label}) => width(look.plain(label))));
	const labelWidth = Math.min(longest, Math.max(10, Math.floor(columns * 0.6)));
	return items.map(({label, hint}, index) => {
		const text = pad(cut(look.plain(label), labelWidth, look.glyphs.more), labelWidth);
		const here = index === cursor;
		const tail = hint ? look.dim(cut(look.plain(hint), Math.max(0, columns - labelWidth - 6), look.glyphs.more)) : '';
		return `${here ? look.accent(look.glyphs.cursor) : ' '} ${here ? look.accent(look.strong(text)) : text}   ${tail}`.trimEnd();
	});
}

/** A menu to choose several of. */
export function checkboxes(items: ReadonlyArray<MenuItem & {isTicked: boolean}>, cursor: number, look: Look, columns: number): string[] {
	const boxed = items.map(item => ({...item, label: `[${item.isTicked ? 'x' : ' '}] ${item.label}`}));
	return menu(boxed, cursor, look, columns);
}

/** A table of plain cells with the widths given; a cell that is too long goes on below. The last column takes what is left. */
export function table(rows: ReadonlyArray<readonly string[]>, widths: readonly number[], look: Look, styles: ReadonlyArray<Style | undefined> = []): string[] {
	return rows.flatMap(row => {
		const cells = row.map((cell, column) => wrap(look.plain(cell), widths[column] ?? 10));
		const height = Math.max(...cells.map(cell => cell.length));
		return Array.from({length: height}, (_, line) => cells
			.map((cell, column) => {
				const styled = (styles[column] ?? (text => text))(cell[line] ?? '');
				return column === cells.length - 1 ? styled : pad(styled, widths[column] ?? 10);
			})
			.join('  ')
			.trimEnd());
	});
}

/** Widths for `table`: as wide as the content, up to a limit; the last takes the rest. */
export function columnWidths(rows: ReadonlyArray<readonly string[]>, limits: readonly number[], columns: number): number[] {
	const widths = limits.map((limit, column) => Math.min(limit, Math.max(0, ...rows.map(row => width(row[column] ?? '')))));
	const used = widths.slice(0, -1).reduce((sum, value) => sum + value + 2, 0);
	widths[widths.length - 1] = Math.max(8, columns - used);
	return widths;
}

/** `4.1 s`, `1 min 12 s`. */
export function duration(seconds: number): string {
	const whole = Math.round(seconds);
	return seconds < 59.95 ? `${seconds.toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `4:12`; never below zero. */
export function countdown(milliseconds: number): string {
	const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The time of day on this server, `14:32`; takes milliseconds since the epoch. */
export function clock(milliseconds: number): string {
	const date = new Date(milliseconds);
	return [date.getHours(), date.getMinutes()].map(part => String(part).padStart(2, '0')).join(':');
}

/** A bar for 0 to 100. */
export function bar(percent: number, columns: number, look: Look): string {
	const filled = Math.round(Math.max(0, Math.min(100, percent)) / 100 * columns);
	return look.accent(look.glyphs.full.repeat(filled)) + look.dim(look.glyphs.empty.repeat(columns - filled));
}

/** A styled start, a text that gives way, and what stands at the right edge. */
export function toTheEdge({start, text, right}: {start: string; text: string; right: string}, look: Look, columns: number): string {
	const edge = look.plain(right);
	const room = columns - width(start) - width(edge) - 2;
	const middle = cut(look.plain(text), Math.max(4, room), look.glyphs.more);
	return edge === '' ? start + middle : `${start}${pad(middle, Math.max(4, room))}  ${look.dim(edge)}`;
}

/** The column of kinds among the finished lines: so wide that most kinds fit; what is longer pushes its name on. */
export const kindWidth = 11;

/** What the user calls the types of things. */
export function kindName(type: ResourceType): string {
	const names: Readonly<Record<ResourceType, string>> = {
		package: t('package'),
		upgrade: t('upgrade'),
		file: t('file'),
		mode: t('mode'),
		directory: t('folder'),
		log: t('log'),
		user: t('user'),
		password: t('password'),
		unit: t('service'),
		firewall: t('firewall'),
		'firewall-rule': t('rule'),
		'host-key': t('host key'),
		venv: t('Python environment'),
		'requirements-lock': t('lock of dependencies'),
		secret: t('secret'),
		sandbox: t('sandbox'),
		checkout: t('code'),
		migrations: t('database'),
		'static-files': t('static files'),
		sysctl: t('kernel'),
		'selinux-port': t('SELinux port'),
		repository: t('backups'),
		certificate: t('certificate'),
		'acme-account': t('account'),
		seed: t('file'),
		credential: t('secret'),
		block: t('lines in'),
		'own-certificate': t('certificate'),
		database: t('database'),
		'database-login': t('login'),
		'tool-copy': t('tool'),
	};
	return names[type];
}

/** `3 files`: how many changes there are of a type. */
export function kindCount(type: ResourceType, count: number): string {
	const names: Readonly<Record<ResourceType, readonly [one: string, many: string]>> = {
		package: [t('1 package'), t('{count} packages', {count})],
		upgrade: [t('1 upgrade'), t('{count} upgrades', {count})],
		file: [t('1 file'), t('{count} files', {count})],
		mode: [t('1 mode'), t('{count} modes', {count})],
		directory: [t('1 folder'), t('{count} folders', {count})],
		log: [t('1 log'), t('{count} logs', {count})],
		user: [t('1 user'), t('{count} users', {count})],
		password: [t('1 password'), t('{count} passwords', {count})],
		unit: [t('1 service'), t('{count} services', {count})],
		firewall: [t('the firewall'), t('{count} firewalls', {count})],
		'firewall-rule': [t('1 rule'), t('{count} rules', {count})],
		'host-key': [t('1 host key'), t('{count} host keys', {count})],
		venv: [t('1 Python environment'), t('{count} Python environments', {count})],
		'requirements-lock': [t('1 lock of dependencies'), t('{count} locks of dependencies', {count})],
		sandbox: [t('1 sandbox'), t('{count} sandboxes', {count})],
		checkout: [t('the code'), t('the code of {count} apps', {count})],
		migrations: [t('1 database'), t('{count} databases', {count})],
		'static-files': [t('static files'), t('static files of {count} apps', {count})],
		secret: [t('1 secret'), t('{count} secrets', {count})],
		sysctl: [t('1 kernel setting'), t('{count} kernel settings', {count})],
		'selinux-port': [t('1 SELinux port'), t('{count} SELinux ports', {count})],
		repository: [t('1 place of backups'), t('{count} places of backups', {count})],
		certificate: [t('1 certificate'), t('{count} certificates', {count})],
		'acme-account': [t('1 account'), t('{count} accounts', {count})],
		seed: [t('1 file'), t('{count} files', {count})],
		credential: [t('1 secret'), t('{count} secrets', {count})],
		block: [t('lines in 1 file'), t('lines in {count} files', {count})],
		'own-certificate': [t('1 certificate'), t('{count} certificates', {count})],
		database: [t('1 database'), t('{count} databases', {count})],
		'database-login': [t('1 login'), t('{count} logins', {count})],
		'tool-copy': [t('this tool'), t('{count} copies of this tool', {count})],
	};
	return names[type][count === 1 ? 0 : 1];
}
