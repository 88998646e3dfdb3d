/**
 * What well-known secrets look like. `coarse` is for grep(1) (POSIX extended), `fine` decides, and neither ever prints what it found.
 * Forms are the issuers' own; placeholders and references to the environment do not count.
 */
export type SecretRule = {kind: string; coarse: string; fine: RegExp};

const literal = String.raw`["'](?!["'])(?<value>[^"'\\]{8,})["']`;

export const secretRules: readonly SecretRule[] = [
	{kind: 'private key', coarse: '-----BEGIN [A-Z ]*PRIVATE KEY', fine: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY/},
	{kind: 'AWS access key', coarse: '(AKIA|ASIA)[0-9A-Z]{16}', fine: /\b(?:AKIA|ASIA)(?![\dA-Z]*EXAMPLE)[\dA-Z]{16}\b/},
	{kind: 'GitHub token', coarse: '(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})', fine: /\b(?:gh[pousr]_[A-Za-z\d]{36}|github_pat_\w{22,})/},
	{kind: 'GitLab token', coarse: 'glpat-[A-Za-z0-9_-]{20}', fine: /\bglpat-[\w-]{20}/},
	{kind: 'Slack token', coarse: 'xox[abeoprs]-[A-Za-z0-9-]{10}', fine: /\bxox[abeoprs]-[A-Za-z\d-]{10,}/},
	{kind: 'Slack webhook', coarse: String.raw`hooks\.slack\.com/services/T`, fine: /hooks\.slack\.com\/services\/T[A-Z\d]+\/B[A-Z\d]+\/[A-Za-z\d]{20,}/},
	{kind: 'Stripe key', coarse: '[rs]k_live_[A-Za-z0-9]{16}', fine: /\b[rs]k_live_[A-Za-z\d]{16,}/},
	{kind: 'Google API key', coarse: 'AIza[A-Za-z0-9_-]{35}', fine: /\bAIza[\w-]{35}/},
	{kind: 'SendGrid key', coarse: String.raw`SG\.[A-Za-z0-9_-]{22}\.`, fine: /\bSG\.[\w-]{22}\.[\w-]{43}/},
	{kind: 'PyPI token', coarse: 'pypi-AgEIcHlwaS5vcmc', fine: /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}/},
	{kind: 'Django SECRET_KEY', coarse: 'SECRET_KEY[A-Z_]*[[:space:]]*=', fine: new RegExp(String.raw`^\s*SECRET_KEY\w*\s*=\s*[rbuf]?${literal}`)},
	{kind: 'password', coarse: '(PASSWORD|PASSWD|password)["\']?[[:space:]]*[:=]', fine: new RegExp(String.raw`\b(?:[A-Z_]*PASSW(?:OR)?D|password)["']?\s*[:=]\s*${literal}`)},
	{kind: 'password in a URL', coarse: '[a-z]+://[^[:space:]/:@]+:[^[:space:]/@]+@', fine: /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?):\/\/[^\s/:@"']*:(?<value>[^\s/@"']{4,})@/},
];

/** What stands where a secret would, in examples and templates. */
const placeholder = /^(?:[<{$%]|change.?me|your.|example|xxx|\*{3}|password$|secret$|todo|dummy|placeholder)/i;

/** Which kind of secret a line holds, if any. */
export function secretIn(line: string): string | undefined {
	const text = line.slice(0, 2000);
	return secretRules.find(({fine}) => {
		const match = fine.exec(text);
		return match !== null && !placeholder.test(match.groups?.['value'] ?? '');
	})?.kind;
}
