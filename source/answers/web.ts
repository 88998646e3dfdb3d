import {z} from 'zod';
import {t} from '../words.ts';
import type {ExampleLine} from './values.ts';

/** The web server before the app. Each value ends up in nginx's files, so none may hold what nginx reads as more than a word. */

const label = String.raw`[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?`;

/** A host name as DNS has it, in small letters and without its last dot; no wildcard. */
export const domain = z.string().max(253).regex(new RegExp(String.raw`^(?:${label}\.)+(?!\d+$)${label}$`), 'a host name in small letters, like shop.example.com');

/** As nginx writes sizes. */
export const bodySize = z.string().regex(/^(?:[1-9]\d{0,5}k|[1-9]\d{0,3}m|[1-4]g)$/, 'a size like 512k, 10m or 1g');

const directives = new Set([
	'base-uri', 'child-src', 'connect-src', 'default-src', 'fenced-frame-src', 'font-src', 'form-action', 'frame-ancestors', 'frame-src', 'img-src', 'manifest-src',
	'media-src', 'object-src', 'report-to', 'report-uri', 'require-trusted-types-for', 'sandbox', 'script-src', 'script-src-attr', 'script-src-elem', 'style-src',
	'style-src-attr', 'style-src-elem', 'trusted-types', 'upgrade-insecure-requests', 'worker-src',
]);

/** Content-Security-Policy (CSP 3): known directives, each once, of characters that nginx takes as they are between double quotes. */
export function isContentSecurityPolicy(value: string): boolean {
	const names = value.split(';').map(part => part.trim()).filter(Boolean).map(part => part.split(' ')[0]!);
	return /^[\w '*.:/;=+?&%@~#-]{1,2000}$/.test(value) && names.length > 0 && names.every(name => directives.has(name)) && new Set(names).size === names.length;
}

/** The path of a URL, as ModSecurity's @beginsWith takes it. */
const urlPath = z.string().regex(/^\/[\w./~@:+-]{0,300}$/, 'the path of a URL, like /search');

/** A rule of the OWASP Core Rule Set, or one of ModSecurity's own, and where it is not to be asked. */
export const wafExclusion = z.strictObject({
	rule: z.int().min(200_000).max(999_999),
	path: urlPath,
});

export const web = z.strictObject({
	domains: z.array(domain).max(100).refine(list => new Set(list).size === list.length, 'each domain once').default([]),
	maxBodySize: bodySize.default('10m'),
	contentSecurityPolicy: z.string().refine(isContentSecurityPolicy, 'a Content-Security-Policy like default-src \'self\'; img-src *').default('default-src \'self\''),
	cspReportOnly: z.boolean().optional(),
	hsts: z.union([z.enum(['off', 'ramp']), z.int().min(1).max(63_072_000)]).default('ramp'),
	requestsPerSecond: z.int().min(1).max(10_000).default(50),
	waf: z.enum(['off', 'detect', 'block']).default('detect'),
	wafExclusions: z.array(wafExclusion).max(200).default([]),
});

export function webExample(): readonly ExampleLine[] {
	return [
		['web:'],
		['  domains: []', t('like [shop.example.com]; an empty list answers to the addresses of this server')],
		['  maxBodySize: 10m', t('the largest upload')],
		['  contentSecurityPolicy: "default-src \'self\'"', t('where pages may load scripts, styles and pictures from')],
		['  # cspReportOnly: false', t('true only tells in the browser\'s console what the policy would block; left out, true for code of your own')],
		['  hsts: ramp', t('browsers stay with HTTPS, for longer step by step; or off, or so many seconds')],
		['  requestsPerSecond: 50', t('of one address, after a burst of twenty times as many')],
		['  waf: detect', t('the application firewall: off, detect or block')],
		['  wafExclusions: []', t('rules it leaves out, like [{rule: 942100, path: /search}]')],
	];
}
