import process from 'node:process';
import {Command, CommanderError, InvalidArgumentError, Option} from 'commander';
import {Problem} from './problem.ts';
import {version} from './version.ts';
import {languages, t} from './words.ts';

/** The flags of the contract, as parsed; every command may be given any of them. */
export type Flags = {
	dryRun?: boolean;
	answers?: string;
	yes?: boolean;
	only?: readonly string[];
	skip?: readonly string[];
	/** Milliseconds. */
	guardTimeout: number;
	/** False with --no-guard. */
	guard: boolean;
	plain?: boolean;
	color: boolean;
	lang: string;
	verbose?: boolean;
};

const units = {s: 1000, m: 60_000, h: 3_600_000} as const;

/** `90s`, `5m`, `1h`; from 30 seconds, in which one can log in, to a day. */
export function parseDuration(text: string): number {
	const match = /^(?<count>\d{1,6})(?<unit>[smh])$/.exec(text);
	const milliseconds = match?.groups ? Number(match.groups['count']) * units[match.groups['unit'] as keyof typeof units] : 0;
	if (milliseconds < 30_000 || milliseconds > 86_400_000) {
		throw new InvalidArgumentError(t('Give a duration from 30s to 24h, like 5m.'));
	}

	return milliseconds;
}

function parseList(text: string): readonly string[] {
	return text.split(',').map(entry => entry.trim()).filter(Boolean);
}

/** Commander's own words in a help text. */
const titles: Readonly<Record<string, string>> = {'Usage:': t('Usage:'), 'Options:': t('Options:'), 'Arguments:': t('Arguments:'), 'Commands:': t('Commands:')};

/** The command line of the contract (DESIGN §7). `run` is called with the command's name, its options, and the flags. */
function program(run: (name: string, options: Record<string, unknown>, flags: Flags) => Promise<void>): Command {
	const wizard = new Command('harden-python-vps');
	const described = (name: string, text: string) => wizard.command(name).description(text);
	const running = (command: Command) => command.action(async () => run(command.name(), {...command.opts(), paths: command.args}, wizard.opts<Flags>()));
	wizard
		.description(t('Hardens a fresh Debian or Ubuntu server for a Python app, step by step. Every change is shown first and can be undone.'))
		.version(version, '--version', t('print the version'))
		.helpOption('--help', t('print this help'))
		.helpCommand(false)
		.option('--dry-run', t('same questions and previews; nothing is written, root is not needed'))
		.option('--answers <file>', t('take the answers from a YAML file (see: answers --example)'))
		.option('--yes', t('ask nothing; a guarded step still waits for a new login'))
		.addOption(new Option('--only <steps>', t('only these steps, like ssh,firewall')).argParser(parseList))
		.addOption(new Option('--skip <steps>', t('all but these steps')).argParser(parseList))
		.addOption(new Option('--guard-timeout <duration>', t('how long a guarded change waits for a new login')).argParser(parseDuration).default(300_000, '5m'))
		.option('--no-guard', t('keep a change that can lock you out without a proven new login'))
		.option('--plain', t('plain lines, for serial consoles and screen readers'))
		.option('--no-color', t('no colour; so does the environment variable NO_COLOR'))
		.addOption(new Option('--lang <language>', t('the language')).choices(languages).default('en'))
		.option('--verbose', t('print every line that the commands print'))
		.allowExcessArguments(false)
		.action(async () => run('wizard', {}, wizard.opts<Flags>()));
	running(described('audit', t('run every check, change nothing; score, evidence, how to fix'))
		.option('--json', t('as JSON'))
		.addOption(new Option('--format <format>', t('for pipelines')).choices(['text', 'json', 'sarif', 'junit']))
		.option('--accept <id>', t('live with a failing check, for a --reason and --until a day'))
		.option('--reason <text>', t('why it is accepted'))
		.option('--until <date>', t('the last day, like 2027-01-31; then it fails again'))
		.option('--withdraw <id>', t('no longer accept it')));
	running(described('report', t('one file to hand on: what was done and why, evidence, what remains, threat model, plan for an incident'))
		.addOption(new Option('--format <format>', t('html or md')).choices(['html', 'md']))
		.option('--output <file>', t('where to; - is standard output; without it, into the state folder'))
		.option('--ask', t('ask again what only you know')));
	running(described('status', t('what is applied, undone, waiting for confirm')).option('--json', t('as JSON')));
	running(described('undo', t('put things back; shows how first')).option('--step <step>', t('only this step')).option('--all', t('everything')).option('--yes', t('do not ask')));
	running(described('restore', t('bring back the app and its database, or the paths that are named, from the backups; shows what first'))
		.argument('[path...]', t('absolute paths, or the word database'))
		.option('--snapshot <id>', t('this backup instead of the newest'))
		.option('--to <dir>', t('into an empty folder, touching nothing else'))
		.option('--yes', t('do not ask; files that were changed since the backup stay as they are')));
	running(described('confirm', t('keep the guarded change; from a new login, with sudo')));
	running(described('answers', t('the answers of the session as YAML')).option('--example', t('an example of every answer')).option('--schema', t('the JSON Schema of the answers')));
	const rotate = described('rotate', t('a new credential: the app is proven healthy with it before the old one is revoked, else all is put back'));
	running(rotate.command('database').description(t('a new database password for the app')).addOption(new Option('--when-due', t('only if rotateEvery says so')).hideHelp()));
	rotate.command('secret').argument('<name>', t('like SECRET_KEY')).description(t('a new random value for a secret of the app; --stdin takes it from standard input'))
		.option('--stdin', t('take the new value from standard input'))
		.action(async (name: string, options: Record<string, unknown>) => run('rotate-secret', {...options, name}, wizard.opts<Flags>()));
	running(wizard.command('guard-fire', {hidden: true}));
	return wizard;
}

/** Says what is wrong and the way out; a bug of ours shows its stack and asks for a report. Returns the exit code. */
function complain(error: unknown): number {
	if (error instanceof Problem) {
		process.stderr.write(`${error.message}\n${error.wayOut}\n`);
		return error.exitCode;
	}

	if (error instanceof CommanderError) {
		// Commander has said it already. Help and version come this way too, with 0.
		return error.exitCode === 0 ? 0 : 2;
	}

	const stack = error instanceof Error ? error.stack : String(error);
	process.stderr.write(`${t('This is a bug of harden-python-vps, not of yours. What was done is in its journal and can be undone: harden-python-vps undo --all')}\n\n${stack}\n`);
	return 1;
}

/** Parses the command line, runs what it asks for, and returns the exit code. Nothing else decides about it. */
export async function main(argv: readonly string[]): Promise<number> {
	let exitCode = 0;
	const commands = program(async (name, options, flags) => {
		const {run} = await import('./commands/index.ts');
		exitCode = await run(name, options, flags);
	});
	for (const command of [commands, ...commands.commands, ...commands.commands.flatMap(inner => inner.commands)]) {
		command.exitOverride();
		command.configureHelp({styleTitle: title => titles[title] ?? title});
		command.configureOutput({outputError: (text, write) => write(`${text.replace(/^error: /, '')}${t('See: harden-python-vps --help')}\n`)});
	}

	// A terminal that is gone must not take a half-made change with it.
	for (const stream of [process.stdout, process.stderr]) {
		stream.on('error', () => {/* nobody is listening any more */});
	}

	try {
		await commands.parseAsync(argv, {from: 'user'});
		return exitCode;
	} catch (error) {
		return complain(error);
	}
}
