import {Problem} from '../../problem.ts';
import {t} from '../../words.ts';

/** Why an apt run failed, told from its own last words. `lock` and `stale` can be waited for or healed by us. */
export type FailureKind = 'lock' | 'disk' | 'clock' | 'signature' | 'release' | 'network' | 'stale' | 'script' | 'unknown-package' | 'dependencies' | 'other';

/** First match wins: the more particular stand first. */
const signs: ReadonlyArray<[FailureKind, RegExp]> = [
	['lock', /could not get lock|unable to (?:acquire|lock)|dpkg frontend lock|is another process using it|database is locked|config\.dat is locked/i],
	['disk', /no space left on device|don't have enough free space|not enough free (?:disk )?space/i],
	['clock', /not valid yet|not live until/i],
	['signature', /gpg error|no_pubkey|expkeysig|badsig|is not signed|signatures? (?:couldn't|could not|were invalid)|sqv|could not be authenticated|cannot be authenticated/i],
	['release', /changed its '\w+' value/],
	['stale', /\b404\b|hash sum mismatch|file has unexpected size/i],
	['network', /temporary failure resolving|could not resolve|could not connect|connection (?:timed out|refused|failed|reset)|network is unreachable|unable to connect|no route to host|503 |502 /i],
	['release', /does not have a release file|no longer has a release file|release file .*expired/i],
	['script', /error processing (?:package|archive)|post-installation script|pre-removal script|subprocess returned an error/i],
	['unknown-package', /unable to locate package|has no installation candidate/i],
	['dependencies', /held broken packages|unmet dependencies|pkgproblemresolver|unable to correct problems/i],
];

export function failureKind(lines: readonly string[]): FailureKind {
	const errors = lines.filter(line => /^(?:E|W|Err):|^dpkg|error|unmet|depends|signed|space left|lock/i.test(line)).join('\n');
	return signs.find(([, pattern]) => pattern.test(errors))?.[0] ?? 'other';
}

function firstMatch(lines: readonly string[], pattern: RegExp): string {
	return lines.map(line => pattern.exec(line)?.[1]).find(found => found !== undefined) ?? '?';
}

/** What apt itself said about the error, short enough for a screen. */
function words(lines: readonly string[]): string {
	const errors = lines.filter(line => /^(?:E:|Err:|dpkg: error| \S+ : (?:Depends|PreDepends|Breaks|Conflicts))/.test(line)).map(line => line.trim());
	return [...new Set(errors.length > 0 ? errors : lines.filter(Boolean).slice(-4))].slice(0, 6).join('\n');
}

const scriptError = /error processing (?:package|archive) (\S+)/;

/** What a package's script said last, and dpkg about it. */
function scriptWords(lines: readonly string[]): string {
	const errors = lines.filter(line => !/^(?:Setting up|Unpacking|Preparing|Selecting|Processing|Reading|Get:|Hit:)/.test(line));
	const index = errors.findIndex(line => scriptError.test(line));
	return errors.slice(Math.max(0, index - 3), index + 2).map(line => line.trim()).join('\n');
}

const texts: Readonly<Record<FailureKind, (lines: readonly string[]) => [fact: string, wayOut: string]>> = {
	lock: () => [
		t('Another program keeps the package database locked.'),
		t('Wait until it is done (`ps aux | grep -E "apt|dpkg"` shows it), and try again.'),
	],
	disk: () => [
		t('The disk is full: there is no room for the packages.'),
		t('`df -h` shows which disk. `apt-get clean` and `journalctl --vacuum-size=100M` make room; then try again.'),
	],
	clock: lines => [
		t('The package lists are from the future, so the clock of this server is wrong:\n{words}', {words: words(lines)}),
		t('Compare `date` with a watch, set it with `date -s "YYYY-MM-DD HH:MM"`, and try again.'),
	],
	signature: lines => [
		t('A package source is not signed by a key that this server trusts:\n{words}', {words: words(lines)}),
		t('Get the key of that source anew as its documentation says, or remove the source from /etc/apt/sources.list.d/, and try again.'),
	],
	release: lines => [
		t('A package source is no longer what it was:\n{words}', {words: words(lines)}),
		t('If the source moved or ended, correct it in /etc/apt/sources.list or /etc/apt/sources.list.d/. If the change is expected, accept it once with `apt-get update --allow-releaseinfo-change`.'),
	],
	stale: lines => [
		t('The package lists name files that the source no longer has:\n{words}', {words: words(lines)}),
		t('Run `apt-get update`, and try again.'),
	],
	network: lines => [
		t('The package source cannot be reached:\n{words}', {words: words(lines)}),
		t('Check that this server has a network and names resolve (`getent hosts` with the host that /etc/apt/sources.list names), and try again.'),
	],
	script: lines => [
		t('{name} could not be set up by its own script:\n{words}', {name: firstMatch(lines, scriptError), words: scriptWords(lines)}),
		t('`journalctl -e` and the lines above say why. Put that right, run `dpkg --configure -a`, and try again.'),
	],
	'unknown-package': lines => [
		t('The package sources of this server do not offer {name}.', {name: firstMatch(lines, /locate package (\S+)/i) === '?' ? firstMatch(lines, /Package '?(\S+?)'? has no installation candidate/) : firstMatch(lines, /locate package (\S+)/i)}),
		t('Run `apt-get update`. If that does not help, check that /etc/apt/sources.list names the main section of your release.'),
	],
	dependencies: lines => [
		t('The packages that are here and the ones that are wanted do not fit together:\n{words}', {words: words(lines)}),
		t('`apt-mark showhold` lists packages that are held back; `apt-get check` says what is broken. Put that right, and try again.'),
	],
	other: lines => [
		t('apt failed:\n{words}', {words: words(lines)}),
		t('Look at what it says, put that right, and try again.'),
	],
};

/** A Problem from what apt and dpkg printed. */
export function aptProblem(lines: readonly string[]): Problem {
	return new Problem(...texts[failureKind(lines)](lines), 1);
}
