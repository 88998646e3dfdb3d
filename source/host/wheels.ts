import {chmod, lstat, mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import process from 'node:process';
import {Problem} from '../problem.ts';
import {t} from '../words.ts';
import {optionsIn} from '../engine/requirements-lock.ts';
import type {Argv, Host, WriteContext} from '../engine/types.ts';
import {pipProblem} from './pip-failure.ts';

const wheelsFolder = '/usr/share/python-wheels';
/** Settings of the one who runs us that say where pip finds things. */
const passedOn = /^(?:PIP_(?!CONFIG_FILE)[A-Z_]+|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|SSL_CERT_FILE|REQUESTS_CA_BUNDLE)$/;

/** Debian's own pip as one file, which Python runs as it is: neither the system nor the app's environment needs a pip. */
export async function pipOf(host: Host): Promise<string> {
	const wheel = (await host.list(wheelsFolder)).findLast(name => /^pip-[\d.]+-py3-none-any\.whl$/.test(name));
	if (wheel === undefined) {
		throw new Problem(t('pip is not installed.'), t('Install it with: apt-get install python3-venv'), 1);
	}

	return join(wheelsFolder, wheel, 'pip');
}

/** As systemd reads a file of variables; what spans lines is left out. */
export function environmentFile(variables: Readonly<Record<string, string | undefined>>): string {
	return Object.entries(variables)
		.filter((entry): entry is [string, string] => passedOn.test(entry[0]) && entry[1] !== undefined && !/[\n\r\0]/.test(entry[1]))
		.map(([name, value]) => `${name}="${value.replaceAll(/["\\$`]/g, String.raw`\$&`)}"\n`).join('');
}

/**
 * The sandbox in which dependencies are fetched and, where they come as sources, built: their own setup code runs there.
 * A user that exists only for this moment, who sees neither the app's code nor its secrets.
 */
function sandbox({build, environment, venv}: Bench): Argv {
	const properties = [
		'DynamicUser=yes',
		'NoNewPrivileges=yes',
		'CapabilityBoundingSet=',
		'ProtectSystem=strict',
		'ProtectHome=yes',
		'PrivateTmp=yes',
		'PrivateDevices=yes',
		'ProtectKernelTunables=yes',
		'ProtectKernelModules=yes',
		'ProtectKernelLogs=yes',
		'ProtectControlGroups=yes',
		'ProtectProc=invisible',
		'RestrictNamespaces=yes',
		'RestrictSUIDSGID=yes',
		'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
		'SystemCallFilter=@system-service',
		'SystemCallErrorNumber=EPERM',
		'IPAddressDeny=169.254.0.0/16 fe80::/10',
		'InaccessiblePaths=-/etc/harden -/var/lib/harden-python-vps',
		'TemporaryFileSystem=/srv',
		...venv === undefined ? [] : [`BindReadOnlyPaths=${venv}`],
		`BindPaths=${build}`,
		`EnvironmentFile=${environment}`,
		`WorkingDirectory=${build}`,
	];
	return ['systemd-run', '--quiet', '--wait', '--pipe', '--collect', '--service-type=exec', ...properties.map(property => `--property=${property}`)];
}

/** Runs pip as nobody in particular; what it prints goes by line to `progress`. */
async function fetchAll(host: Host, argv: Argv, python: string, {progress}: WriteContext): Promise<void> {
	const {exitCode, stdout, stderr} = await host.run(argv, {
		timeout: 45 * 60_000,
		onLine(line) {
			progress({type: 'output', line});
		},
	});
	if (exitCode !== 0) {
		throw pipProblem(`${stdout}\n${stderr}`, python);
	}
}

/** Where pip works, and what it sees beside the system. */
type Bench = {build: string; environment: string; venv?: string};

/** Prepares a place for pip to work in, and takes it away afterwards. `work` is a folder of root's alone. */
async function withBench<T>(host: Host, work: string, use: (bench: Bench) => Promise<T>): Promise<T> {
	const build = join(work, 'build');
	const environment = join(work, 'environment');
	await rm(work, {recursive: true, force: true});
	try {
		await mkdir(work, {mode: 0o700});
		for (const folder of [build, join(build, 'tmp'), join(build, 'wheels')]) {
			// Anybody's, in a folder that only root can enter: the sandbox's user is not known before.
			await mkdir(folder);
			await chmod(folder, 0o777);
		}

		const settings = await host.read('/etc/pip.conf');
		if (settings !== undefined) {
			await writeFile(join(build, 'pip.conf'), settings, {mode: 0o644});
		}

		await writeFile(environment, `${environmentFile(process.env)}HOME="${build}"\nTMPDIR="${build}/tmp"\nPIP_CONFIG_FILE="${build}/pip.conf"\nPIP_NO_CACHE_DIR=1\nPIP_DISABLE_PIP_VERSION_CHECK=1\nPIP_NO_INPUT=1\n`, {mode: 0o600});
		return await use({build, environment});
	} finally {
		await rm(work, {recursive: true, force: true});
	}
}

async function written(build: string, requirements: readonly string[]): Promise<readonly string[]> {
	const files = requirements.map((_, index) => join(build, `requirements-${index}.txt`));
	await Promise.all(requirements.map(async (text, index) => writeFile(files[index]!, text, {mode: 0o644})));
	return files;
}

const versionIn = (python: string) => /\d+\.\d+$/.exec(python)?.[0] ?? '3';

/** pip's report of what it would install: JSON, written by nobody in particular. */
export async function resolved(host: Host, {work, python, requirements}: {work: string; python: string; requirements: readonly string[]}, context: WriteContext): Promise<string> {
	const pip = await pipOf(host);
	return withBench(host, work, async bench => {
		const report = join(bench.build, 'tmp', 'report.json');
		const files = await written(bench.build, requirements);
		await fetchAll(host, [
			...sandbox(bench),
			'--', python, '-I', pip,
			'install', '--dry-run', '--ignore-installed', '--progress-bar=off', '--prefer-binary', '--retries=1', '--timeout=15', `--report=${report}`, ...files.map(file => `--requirement=${file}`),
		], versionIn(python), context);
		return (await lstat(report)).isFile() ? await host.read(report) ?? '' : '';
	});
}

type Wanted = {venv: string; work: string; python: string; requirements: readonly string[]; /** The text of a lock, which then says all. */ lock?: string};

/**
 * Fetches what the requirements ask for into a folder of ready-made packages, and hands their paths over. `work` is a folder
 * of root's alone, gone afterwards. Nothing of it is run as root.
 */
export async function withWheels(host: Host, {venv, work, python, requirements, lock}: Wanted, context: WriteContext, use: (wheels: readonly string[]) => Promise<void>): Promise<void> {
	const pip = await pipOf(host);
	await withBench(host, work, async bench => {
		const folder = join(bench.build, 'wheels');
		const files = await written(bench.build, lock === undefined ? requirements : [[...optionsIn(requirements), lock].join('\n')]);
		for (const file of files) {
			await fetchAll(host, [
				...sandbox({...bench, venv}),
				'--', join(venv, 'bin/python'), '-I', pip,
				'wheel', '--progress-bar=off', '--prefer-binary', '--retries=1', '--timeout=15', ...lock === undefined ? [] : ['--require-hashes'], `--wheel-dir=${folder}`, `--requirement=${file}`,
			], versionIn(python), context);
		}

		const names = (await readdir(folder)).filter(name => /^[\w.+!-]+\.whl$/.test(name)).toSorted();
		const paths = names.map(name => join(folder, name));
		for (const path of paths) {
			if (!(await lstat(path)).isFile()) {
				throw new Problem(t('A dependency left something else than a package: {path}', {path}), t('Do not trust it; look at where it comes from.'), 1);
			}
		}

		await use(paths);
	});
}
