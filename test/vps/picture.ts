/** A terminal's screen as a picture, to look at. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import stringWidth from 'string-width';
import {chromiumOptions, chromiumParts} from './browser.ts';
import {command} from './command.ts';
import {installMissing} from './host.ts';

const background = '#16181d';
const foreground = '#d7dae0';
/** The 16 colours, in the order of their numbers. */
const palette = [
	'#16181d',
	'#e06c75',
	'#98c379',
	'#e5c07b',
	'#61afef',
	'#c678dd',
	'#56b6c2',
	'#abb2bf',
	'#6b7280',
	'#ff7b85',
	'#b5e890',
	'#ffd68a',
	'#82c4ff',
	'#dd9cf0',
	'#7fd8e4',
	'#ffffff',
];
/** CSS pixels of one character at this font size. */
const cell = {width: 9.64, height: 20, font: 16};

/** Renders text with SGR escape sequences to a PNG. Installs Debian's Chromium and a font when they are missing. */
export async function picture(ansi: string, pngFile: string): Promise<void> {
	await installMissing({
		...chromiumParts,
		...(/\p{Script=Han}/u.test(ansi) ? {'/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc': 'fonts-wqy-zenhei'} : {}),
	});
	const lines = ansi.replace(/\n+$/, '').split('\n');
	const plain = lines.map(line => stringWidth(line));
	const width = Math.ceil((Math.max(80, ...plain) + 2) * cell.width);
	const height = (Math.max(24, lines.length) * cell.height) + 20;
	const folder = await mkdtemp(path.join(tmpdir(), 'picture-'));
	try {
		const page = path.join(folder, 'page.html');
		await writeFile(page, html(ansi));
		const options = [
			...chromiumOptions,
			`--user-data-dir=${folder}/profile`,
			`--window-size=${width},${height}`,
			`--screenshot=${path.resolve(pngFile)}`,
		];
		await command(['chromium', ...options, `file://${page}`], {env: {HOME: folder}});
	} finally {
		await rm(folder, {recursive: true, force: true});
	}
}

type Style = Partial<Record<'color' | 'back', string>> & Partial<Record<'bold' | 'dim' | 'italic' | 'underline' | 'struck' | 'inverse', true>>;

function html(ansi: string): string {
	let style: Style = {};
	// eslint-disable-next-line no-control-regex
	const body = ansi.split(/\u001B\[([\d;:]*)m/).map((part, index) => {
		if (index % 2 === 1) {
			style = restyle(style, part.split(/[;:]/).map(Number));
			return '';
		}

		return part ? `<span style="${css(style)}">${cells(part)}</span>` : '';
	});
	return `<!doctype html><meta charset="utf-8"><style>
		body {margin: 10px ${cell.width}px; background: ${background}; color: ${foreground}}
		pre {margin: 0; font: ${cell.font}px/${cell.height}px "DejaVu Sans Mono", "DejaVu Sans", "WenQuanYi Zen Hei", monospace}
		i {display: inline-block; height: ${cell.height}px; font-style: inherit; text-align: center; vertical-align: top; white-space: nowrap}
	</style><pre>${body.join('')}</pre>`;
}

/** Whatever is not plain Latin gets a cell of its own, since its glyph may come from a font of another width. */
function cells(text: string): string {
	const segments = [...new Intl.Segmenter().segment(text)].map(({segment}) => segment);
	return segments.map(segment => {
		if (/^[\u0020-\u007E\n\u2500-\u257F]+$/.test(segment)) {
			return segment.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
		}

		return `<i style="width:${stringWidth(segment) * cell.width}px">${segment}</i>`;
	}).join('');
}

function css({color = foreground, back = 'transparent', bold, dim, italic, underline, struck, inverse}: Style): string {
	const [ink, paper] = inverse ? [back === 'transparent' ? background : back, color] : [color, back];
	return [
		`color:${ink};background:${paper}`,
		...(bold ? ['font-weight:bold'] : []),
		...(dim ? ['opacity:.55'] : []),
		...(italic ? ['font-style:italic'] : []),
		...(underline ? ['text-decoration:underline'] : []),
		...(struck ? ['text-decoration:line-through'] : []),
	].join(';');
}

/** SGR numbers that switch something on, and off. */
const attributes: Record<number, 'bold' | 'dim' | 'italic' | 'underline' | 'inverse' | 'struck'> = {
	1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 7: 'inverse', 9: 'struck',
};
const endings: Record<number, ReadonlyArray<keyof Style>> = {
	22: ['bold', 'dim'], 23: ['italic'], 24: ['underline'], 27: ['inverse'], 29: ['struck'], 39: ['color'], 49: ['back'],
};

/** The style after an SGR sequence with these numbers; no number is a reset. */
function restyle(before: Style, codes: number[]): Style {
	let style = {...before};
	for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
		if (code === 0) {
			style = {};
		} else if (code === 38 || code === 48) {
			style[code === 38 ? 'color' : 'back'] = extended(codes);
		} else if (code in attributes) {
			style[attributes[code]!] = true;
		} else if (code in endings) {
			for (const name of endings[code]!) {
				style[name] = undefined;
			}
		} else {
			const ones = code % 10;
			switch (Math.floor(code / 10)) {
				case 3: {
					style.color = palette[ones];
					break;
				}

				case 4: {
					style.back = palette[ones];
					break;
				}

				case 9: {
					style.color = palette[ones + 8];
					break;
				}

				case 10: {
					style.back = palette[ones + 8];
					break;
				}

				default:
			}
		}
	}

	return style;
}

/** Takes `5;n` (256 colours) or `2;r;g;b` off the front. */
function extended(codes: number[]): string | undefined {
	if (codes.shift() === 2) {
		return `rgb(${codes.splice(0, 3).join(',')})`;
	}

	const n = codes.shift() ?? 0;
	if (n < 16) {
		return palette[n];
	}

	if (n >= 232) {
		return `rgb(${Array.from({length: 3}, () => 8 + ((n - 232) * 10)).join(',')})`;
	}

	const level = (value: number) => value === 0 ? 0 : 55 + (value * 40);
	return `rgb(${[Math.floor((n - 16) / 36), Math.floor((n - 16) / 6) % 6, (n - 16) % 6].map(value => level(value)).join(',')})`;
}
