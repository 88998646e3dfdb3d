/** What the answer about the Content-Security-Policy becomes in headers: pure. */

export type Headers = {
	/** Enforced. Empty: no such header. */
	policy: string;
	/** Only told in the browser's console. */
	reportOnly: string;
	/** What X-Frame-Options has to say so as not to contradict it; empty where no value of it could. */
	frameOptions: string;
};

/** Follows the app's own X-Frame-Options where it sends one (conf.d/00-harden.conf). */
const frameAncestors = 'frame-ancestors $harden_frame_ancestors';

/** Directives that default-src does not stand in for. form-action is not among them: it breaks logins and payments that lead to another site. */
const completions = ['object-src \'none\'', 'base-uri \'self\'', frameAncestors];

const nameOf = (directive: string) => directive.split(' ')[0]!;

function frameOptionsFor(ancestors: string | undefined): string {
	switch (ancestors) {
		case undefined:
		case 'frame-ancestors \'none\'': {
			return 'DENY';
		}

		case 'frame-ancestors \'self\'': {
			return 'SAMEORIGIN';
		}

		default: {
			return '';
		}
	}
}

export function headersFor({contentSecurityPolicy, cspReportOnly = false}: {contentSecurityPolicy: string; cspReportOnly?: boolean}): Headers {
	const given = contentSecurityPolicy.split(';').map(directive => directive.trim().replaceAll(/ +/g, ' ')).filter(Boolean);
	const missing = completions.filter(completion => !given.some(directive => nameOf(directive) === nameOf(completion)));
	const all = [...given, ...missing];
	const ancestors = all.find(directive => nameOf(directive) === 'frame-ancestors')!;
	return {
		...cspReportOnly
			// Browsers take no frame-ancestors that is only to be told.
			? {policy: ancestors, reportOnly: all.filter(directive => directive !== ancestors).join('; ')}
			: {policy: all.join('; '), reportOnly: ''},
		frameOptions: frameOptionsFor(given.find(directive => nameOf(directive) === 'frame-ancestors')),
	};
}
