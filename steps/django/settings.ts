import type {Answers} from '../../source/answers.ts';
import type {Facts} from '../../source/engine/facts.ts';
import {codeOf, djangoSettings, isAwaited} from '../app/code.ts';

/** What the answers of other steps mean for Django: pure. */

/** Blocks of steps that come before this one. */
type Others = {web?: {domains?: readonly string[]}; https?: unknown};

export function hasHttps(answers: Answers): boolean {
	return (answers as Others).https !== undefined;
}

/** The names that visitors may ask for: the site's, or where it has none this server's own. */
export function hostsFor({addresses, hostname}: Facts, answers: Answers): readonly string[] {
	const domains = (answers as Others).web?.domains ?? [];
	const own = domains.length > 0 ? domains : [...addresses.map(address => address.includes(':') ? `[${address}]` : address), hostname];
	return [...new Set([...own, 'localhost', '127.0.0.1', '[::1]'])].filter(host => /^[\w.:[\]-]+$/.test(host));
}

/** The module of the user's settings, or undefined where the app is no Django project. */
export function settingsOf(facts: Facts, {app, django}: Answers): string | undefined {
	return app && !isAwaited(facts, app) ? django?.settings ?? djangoSettings(codeOf(facts, app).files) : undefined;
}
