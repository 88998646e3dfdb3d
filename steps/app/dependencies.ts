import {z} from 'zod';
import {snippet} from '../../source/snippet.ts';
import {t} from '../../source/words.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Check, Host, Resource, Verdict} from '../../source/engine/types.ts';
import {file} from '../of-root.ts';
import {environmentOf, type AppAnswers, type AppCode} from './code.ts';
import {layoutOf} from './layout.ts';

/** The look for known holes in what the app is made of. */

const reportSchema = z.object({
	version: z.literal(1),
	ran: z.boolean(),
	reason: z.string(),
	/** As pip-audit prints it. A package that it could not look up has no version, and a reason. */
	audit: z.object({
		dependencies: z.array(z.object({
			name: z.string(),
			version: z.string().default('?'),
			skip_reason: z.string().optional(),
			vulns: z.array(z.object({id: z.string(), fix_versions: z.array(z.string()).default([]), aliases: z.array(z.string()).default([])})).default([]),
		})),
	}),
	/** As `pip list --outdated` prints it. */
	outdated: z.array(z.object({name: z.string(), version: z.string(), latest_version: z.string()})).default([]),
});

export type Report = z.infer<typeof reportSchema>;

/** The report of NAME-audit.service, or undefined where it is none. */
export function parseReport(text: string): Report | undefined {
	try {
		return reportSchema.parse(JSON.parse(text));
	} catch {
		return undefined;
	}
}

/** What a report comes to. Never a pass where not every package was looked up. */
export function verdictOf(report: Report | undefined, unit: string): Verdict {
	if (!report) {
		return {status: 'not-run', evidence: t('It has not run since the server started; it does so once a week, or now: systemctl start {unit}', {unit})};
	}

	const {ran, reason, audit: {dependencies}, outdated} = report;
	if (!ran) {
		return {status: 'not-run', evidence: reason};
	}

	const holes = dependencies.flatMap(({name, version, vulns}) => vulns.map(({id, aliases, fix_versions: fixed}) => {
		const cve = aliases.find(alias => alias.startsWith('CVE-')) ?? id;
		return fixed.length > 0
			? t('{name} {version}: {id}, corrected in {fixed}', {name, version, id: cve, fixed: fixed.join(', ')})
			: t('{name} {version}: {id}, not corrected yet', {name, version, id: cve});
	}));
	if (holes.length > 0) {
		return {status: 'fail', evidence: holes.join('; ')};
	}

	const skipped = dependencies.filter(entry => entry.skip_reason !== undefined).map(({name}) => name);
	if (dependencies.length === 0 || skipped.length > 0) {
		return {status: 'not-run', evidence: skipped.length > 0 ? t('These could not be looked up: {names}', {names: skipped.join(', ')}) : t('pip-audit saw no package.')};
	}

	const count = dependencies.length;
	const newer = outdated.map(({name, version, latest_version: latest}) => `${name} ${version} → ${latest}`).join(', ');
	return {
		status: 'pass',
		evidence: outdated.length === 0
			? t('pip-audit knows of no hole in {count} packages; none has a newer version.', {count})
			: t('pip-audit knows of no hole in {count} packages. Newer versions: {newer}', {count, newer}),
	};
}

const unitsOf = (name: string) => ({service: `${name}-audit.service`, timer: `${name}-audit.timer`, report: `/run/${name}-audit/report.json`});

export function dependencyResources(facts: Facts, answers: AppAnswers, code: AppCode): readonly Resource[] {
	const {name, audit, source} = answers;
	const {settings, venv, credentials, state} = layoutOf(name);
	const {service, timer} = unitsOf(name);
	const script = `${settings}/audit.py`;
	return [
		...audit === false ? [] : [
			file(script, snippet('app/audit.py', {name, venv}), t('Looks for known holes in what the app is made of, with pip-audit.')),
			file(`/etc/systemd/system/${service}`, snippet('app/audit.service', {name, script, credentials, state}), t('Runs that as nobody in particular.')),
			file(`/etc/systemd/system/${timer}`, snippet('app/audit.timer', {name}), t('Once a week.')),
			{type: 'unit', name: timer, desired: {enabled: true, active: true, masked: false}, why: t('New holes become known every week, in code that did not change.')} as const,
		],
		...'sample' in source ? [] : [
			file(`${settings}/dependency-audit.yml`, snippet('app/dependency-audit.yml', {
				python: /[\d.]+$/.exec(environmentOf(facts, answers).python)?.[0] ?? '3',
				requirements: code.from,
			}), t('Offered for your repository: the same look at each of your changes. Nothing here uses it.')),
		],
	];
}

async function runNow(host: Host, name: string): Promise<Verdict> {
	const {service, report} = unitsOf(name);
	const {exitCode, stderr} = await host.run(['systemctl', 'start', '--', service], {timeout: 32 * 60_000});
	return exitCode === 0 ? verdictOf(parseReport(await host.read(report) ?? ''), service) : {status: 'not-run', evidence: t('{unit} did not come to an end: {words}', {unit: service, words: stderr.split('\n')[0] ?? ''})};
}

/** After apply it is run; an audit reads what was found last. Only `block` makes findings a reason to undo the step. */
export function dependencyChecks({name, audit}: AppAnswers): readonly Check[] {
	if (audit === false) {
		return [];
	}

	const {service, report} = unitsOf(name);
	const shared = {
		severity: 'high',
		references: ['OWASP Top 10 A06:2021'],
		fix: t('Raise the versions in the file of dependencies to the corrected ones, then run this wizard with `--only app`. More: journalctl -u {unit}', {unit: service}),
		...audit !== 'block' && {advice: true as const},
	} as const;
	return [
		{...shared, id: 'app.dependencies-now', title: t('No dependency has a hole that is known today'), writes: true, verify: async host => runNow(host, name)},
		{...shared, id: 'app.dependencies', title: t('No dependency had a known hole when it was last looked at'), verify: async host => verdictOf(parseReport(await host.read(report) ?? ''), service)},
	];
}
