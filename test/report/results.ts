import {judge, type AcceptedRisk} from '../../source/engine/accepted.ts';
import type {Checked} from '../../source/engine/check.ts';
import type {Verdict} from '../../source/engine/types.ts';

/** Checks of every standing, some with texts as hostile as a server can make them. */

export const hostile = 'a "quoted" \'one\' <script>alert(1)</script> & ]]> \u001B[31mred\u001B[0m \u0000\u0008\uFFFE \u202Etxt.exe\nsecond line [link](javascript:alert(1)) | `code` ``x`` ![p](http://x/y.png)';

export function checked(id: string, status: Verdict['status'], changes: Partial<Checked['check']> & {evidence?: string} = {}): Checked {
	const {evidence = `evidence of ${id}`, ...check} = changes;
	return {
		check: {id, title: `Title of ${id}`, severity: 'high', references: ['CIS Debian 12 5.1.20'], fix: `Fix ${id}.`, verify: async () => ({status, evidence}), ...check},
		verdict: {status, evidence},
	};
}

export const risks: readonly AcceptedRisk[] = [
	{check: 'ssh.passwords', reason: `The old backup tool needs it. ${hostile.split('\n')[0]!.replaceAll(/\p{Cc}/gu, '')}`, until: '2027-01-31', at: '2026-11-25T00:00:00.000Z'},
	{check: 'ssh.limits', reason: 'Over.', until: '2026-11-24', at: '2026-01-01T00:00:00.000Z'},
	{check: 'ssh.root-login', reason: 'It passes, so this says nothing.', until: '2027-01-31', at: '2026-11-25T00:00:00.000Z'},
];

export const today = '2026-11-25';

export const results: readonly Checked[] = judge([
	checked('ssh.root-login', 'pass'),
	checked('ssh.passwords', 'fail'),
	checked('ssh.limits', 'fail', {severity: 'low', evidence: hostile, title: hostile.split('\n')[0]!, fix: hostile}),
	checked('firewall.on', 'fail', {severity: 'medium', evidence: ''}),
	checked('web.waf', 'not-run', {evidence: 'This step was not taken.', references: []}),
], risks, today);
