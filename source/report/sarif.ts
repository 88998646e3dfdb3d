import {standingOf} from '../engine/accepted.ts';
import type {Checked} from '../engine/check.ts';
import {clean} from '../ui/lines/text.ts';

/** An audit as SARIF 2.1.0, for pipelines that collect findings of many tools. Pure. */

export type Place = {version: string; hostname: string; /** ISO 8601. */ at: string};

const levels = {high: 'error', medium: 'warning', low: 'note'} as const;
/** As GitHub and others sort findings by: 0 to 10. */
const weights = {high: '8.0', medium: '5.0', low: '2.0'} as const;

const kinds = {pass: 'pass', fail: 'fail', accepted: 'fail', 'not-run': 'notApplicable'} as const;

function text(words: string): {text: string} {
	return {text: words.split('\n').map(line => clean(line)).join('\n').trim() || '-'};
}

export function sarif(results: readonly Checked[], {version, hostname, at}: Place): object {
	return {
		$schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
		version: '2.1.0',
		runs: [{
			tool: {
				driver: {
					name: 'harden-python-vps',
					semanticVersion: version,
					rules: results.map(({check: {id, title, severity, references = [], fix}}) => ({
						id,
						shortDescription: text(title),
						help: text(fix),
						defaultConfiguration: {level: levels[severity]},
						properties: {tags: ['security', ...references.map(reference => clean(reference))], 'security-severity': weights[severity]},
					})),
				},
			},
			invocations: [{executionSuccessful: true, endTimeUtc: at}],
			results: results.map((result, ruleIndex) => {
				const standing = standingOf(result);
				const {check: {id, severity, title}, verdict, accepted} = result;
				return {
					ruleId: id,
					ruleIndex,
					kind: kinds[standing],
					// SARIF 3.27.10: whatever is no failure has no level.
					level: kinds[standing] === 'fail' ? levels[severity] : 'none',
					message: text(`${title}: ${verdict.evidence}`),
					locations: [{logicalLocations: [{name: id, fullyQualifiedName: `${clean(hostname)}/${id}`, kind: 'resource'}]}],
					partialFingerprints: {'check/v1': `${clean(hostname)}/${id}`},
					...accepted && {suppressions: [{kind: 'external', status: accepted.isOver ? 'rejected' : 'accepted', justification: clean(`${accepted.reason} (${accepted.until})`)}]},
				};
			}),
		}],
	};
}
