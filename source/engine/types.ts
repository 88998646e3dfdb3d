/** The words of the engine. Plain data wherever possible: what is planned can be shown, stored and undone. */

import type {Problem} from '../problem.ts';

export type Argv = readonly [string, ...string[]];

/** A file's or link's whole state. Binary content is kept as base64; `owner` and `group` are names, or numbers as text where a name is missing. */
export type FileState =
	| {content: string; encoding?: 'base64'; mode: number; owner: string; group: string}
	| {link: string};

/** One thing's state, by type of thing. `null` means absent. */
export type ResourceStates = {
	/** name: the package. */
	package: {
		installed: boolean;
		/** It came as somebody's dependency, so that apt may take it off again with them. */
		automatic?: boolean;
		/** Not installed, but its configuration files are still there: dpkg's `config-files`. */
		settings?: boolean;
		/** Units that its installation must not start: the step does, once they are set up. Never read, only asked for. */
		startsOff?: readonly string[];
	};
	/** name: `all`. The versions waiting to be upgraded, as `package old new`; desired is none. Cannot be undone. */
	upgrade: {pending: readonly string[]};
	/** name: the absolute path. */
	file: FileState | null;
	/** name: the absolute path. */
	directory: {mode: number; owner: string; group: string} | null;
	/** name: the absolute path of a file that others write into. What it holds is neither read nor kept; undo takes away one that was not there. */
	log: {mode: number; owner: string; group: string} | null;
	/** name: the absolute path of a file or folder that is there. Who owns it and may do what; its content stays untouched. */
	mode: {mode: number; owner: string; group: string} | null;
	/** name: the login. `locked` is a password that cannot be used (`!` or `*` in shadow(5)). */
	user: {shell: string; home: string; groups: readonly string[]; /** A program's, not a person's: made without a home, with a number of the system's range. Never read, only asked for. */ system?: true} | null;
	/** name: the login. The password field of shadow(5); never shown. */
	password: {hash: string; /** Days since 1970, null for an empty field. Read, so that undo can put it back; a step leaves it out. */ lastChanged?: number | null};
	/** name: the unit with its suffix. A unit that does not exist reads as all false. */
	unit: {enabled: boolean; active: boolean; masked: boolean; /** Not active, and by no one's wish: it ended with an error, or tries again and again. Only ever read. */ failed?: true; /** The unit's own links (path → target). Read, so that undo can put them back; a step leaves them out. */ links?: Readonly<Record<string, string>>};
	/** name: the backend, `ufw` or `firewalld`. What happens to packets that no rule speaks of. */
	firewall: {
		enabled: boolean;
		incoming: FirewallPolicy;
		outgoing: FirewallPolicy;
		routed: FirewallPolicy;
		/** Whether IPv6 is filtered by the same rules. */
		ipv6: boolean;
		/** What surrounds the rules in the backend's files (path → text): read, so that undo gives them back to the byte; never asked for. */
		frames?: Readonly<Record<string, string>>;
		/** Families for which the kernel has a table `filter`, be it empty: likewise. */
		tables?: ReadonlyArray<'ipv4' | 'ipv6'>;
	};
	/** name: the rule in its canonical form (engine/firewall-rule.ts), after the backend. */
	'firewall-rule': {
		/** Only one family has it, though it speaks of both. */
		only?: 'ipv4' | 'ipv6';
		/** The running firewall says otherwise than the file: a write that was cut off, or somebody's flush. */
		unsettled?: true;
		/** The backend's own text of it, and the texts of what stands before it, by file: so that a pruned rule comes back to its place, to the byte; never asked for. */
		written?: Readonly<Record<string, readonly PlacedText[]>>;
	} | null;
	/** name: the absolute path of the private half; the public one lies beside it. Made where it is missing, never shown, and never kept by the journal. */
	'host-key': {type: 'ed25519' | 'rsa'; bits: number} | null;
	/**
	 * name: the link that leads to the environment in use; the environments themselves are in the folder `venvs` beside it.
	 * `before` of another environment is enough to switch back to it, or to build it again.
	 */
	venv: VenvState | null;
	/** name: the absolute path. Which packages exactly the dependencies come to, with their hashes: a file in pip's form. */
	'requirements-lock': {
		/** The environment that it is for: `id` of its VenvState. */
		of: string;
		/** What it is made from, as in VenvState; asked for, and never read. */
		python?: string;
		requirements?: readonly string[];
		/** The link to the environment in use: where that was built from a lock for the same, the lock is written as it was then. Likewise. */
		venv?: string;
		/** Read, so that undo can put it back; a step leaves it out. */
		text?: string;
	} | null;
	/** name: the absolute path. A random value, 0600: made where it is missing, never shown, and never kept by the journal. */
	secret: {mode: number; owner: string; group: string} | null;
	/** name: the app. That it starts in its sandbox, as `tried` says what; what it could not live with is left out, in a drop-in. */
	sandbox: {
		/** The hash of all that decides it: environment, service, entry. */
		tried: string;
		/** What is loaded to find out; asked for, and never read. */
		entry?: string;
		/** The drop-in. Read, so that undo can put it back; a step leaves it out. */
		text?: string;
	} | null;
	/**
	 * name: the link that leads to the code in use. Each commit lies in a folder of its own in `checkouts` beside it, without
	 * git's own files.
	 */
	checkout: CheckoutState | null;
	/** name: the app. Migrations of its database that are not made yet; desired is none. Cannot be undone. */
	migrations: {pending: readonly string[]};
	/** name: the app. Whether the files that its packages bring for the web server are where that finds them. */
	'static-files': {collected: boolean; /** What is in the folder. Read, so that undo removes what came; a step leaves it out. */ files?: readonly string[]};
	/** name: the address as restic writes it. This server's tie to it: opened with the stored key; half made reads as not connected. The repository itself is never taken away. */
	repository: {connected: boolean} | null;
	/** name: the key, dotted. The running value; the file that makes it last is a file resource of its own. */
	sysctl: {
		value: string;
		/** For a `….conf.default.…`, what each interface has: one that is made while the default is another inherits that. Read, so that undo can put it back; a step leaves it out. */
		interfaces?: Readonly<Record<string, string>>;
	} | null;
	/** name: `tcp/5922`. What SELinux takes a port for, which decides who may listen on it; null where nobody can tell. */
	'selinux-port': {
		type: string;
		/** The policy says so, and nobody on this server. Read, so that undo can go back to that; a step leaves it out. */
		byPolicy?: true;
	} | null;
	/** name: the app's name for what an authority gave by way of certbot, or the app's name and `/self-signed`. The key is made on this host, never shown, and never kept by the journal. */
	certificate: CertificateState | null;
	/** name: the address of the authority's directory. The account that certbot has there; its key likewise. */
	'acme-account': {
		/** Where the authority may write to. Only asked for, never read. */
		email?: string;
		/** As in a certificate. */
		caFile?: string;
		/** A registration that was cut off. */
		partial?: true;
	} | null;
	/** name: the absolute path of a file that something on the server goes on writing: made where it is missing, and otherwise left as it is. */
	seed: {content: string; mode: number; owner: string; group: string} | null;
	/**
	 * name: the absolute path; in a folder that ends in `.sealed` it is encrypted to this host. Root's alone. Without a value:
	 * any will do, and a random one is made where there is none, which the journal then never holds.
	 */
	credential: {value?: string} | null;
	/** name: the absolute path of somebody else's file. A marked block of ours in it, ahead of the first line that says anything. */
	block: {lines: readonly string[]} | null;
	/** name: the folder. A certificate for these names, by an authority of this server's own; made where it is missing, never kept by the journal. */
	'own-certificate': {
		names: readonly string[];
		/** Its end is more than a month away. */
		fresh: boolean;
	} | null;
	/** name: the cluster and the database, `17/main/shop`. Its owner comes with it. Never dropped. */
	database: {owner: string; /** What every login may do with it: PostgreSQL's words. */ everybody: readonly string[]} | null;
	/** name: the app's folder of settings and its logins' common name, `/etc/harden/shop 17/main/shop`. What the app finds in DATABASE_URL; the journal never holds the password. */
	'database-login': {
		database: string;
		/** Whose rights it has. */
		owner: string;
		connectionLimit: number;
		/** Milliseconds; 0 is never. */
		statementTimeout: number;
		/** Rights of a role that it does not need, PostgreSQL's words. */
		rights: readonly string[];
		/** The server takes what DATABASE_URL says. */
		valid: boolean;
		/** Which of its two logins the app uses, and whether the other is still let in: what a rotation changes. Read, else left out. */
		inUse?: 'a' | 'b';
		both?: boolean;
	} | null;
	/** name: a folder. This very tool and its Node, for what a timer runs. */
	'tool-copy': {current: boolean} | null;
};

export type VenvState = {
	/** The hash of what is asked for: the name of its folder. */
	id: string;
	/** The absolute path of the interpreter. */
	python: string;
	/** In pip's own form: what the app asks for, and what is needed to serve it, which may lack the hashes that the first has. */
	requirements: readonly string[];
	/** The requirements-lock that says which packages exactly. */
	lock?: string;
	/** The name of its folder, where a lock is part of that. Read, so that undo can switch back; a step leaves it out. */
	built?: string;
	/** The other environments that are there. Read, so that undo removes what came since; a step leaves it out. */
	others?: readonly string[];
};

export type CertificateState = {
	/** Names, or addresses of a self-signed one. In any order. */
	domains: readonly string[];
	/** The address of the authority's directory (ACME), or `self-signed`. */
	directory: string;
	keyType: 'ecdsa' | 'rsa';
	/** The certificates that vouch for the authority's own server, where it is a private one. Only asked for, never read. */
	caFile?: string;
	/** Somebody else made it: never written over and never deleted. */
	foreign?: true;
	/** Which of its issues is in use, and certbot's settings of it: read, so that undo can go back without asking the authority; never asked for. */
	issue?: {number: number; settings: string};
};

export type CheckoutState = {
	url: string;
	ref: string;
	/** Left out where it cannot be known before it is fetched: then it is the newest of the ref. */
	commit?: string;
};

export type PlacedText = {text: string; after: readonly string[]};

export type FirewallPolicy = 'allow' | 'deny' | 'reject';

export type ResourceType = keyof ResourceStates;

/**
 * A service that must take a change up. Collected over a step, validated first, run once.
 * A unit that is not running, or no longer there, is left alone.
 */
export type Reload = {
	unit: string;
	action: 'reload' | 'restart';
	/** Has to exit 0 before any reload of the step is run, e.g. `sshd -t`. */
	validate?: Argv;
};

/** One thing's desired state, as a step declares it. */
export type Resource<K extends ResourceType = ResourceType> = {
	[T in K]: {
		type: T;
		name: string;
		desired: ResourceStates[T];
		/** One plain sentence for the preview. */
		why: string;
		/** For files: a command that judges the new content before it is put in place; `{file}` stands for a temporary copy. */
		validate?: Argv;
		reload?: Reload;
		/** What a package that is still to come will have put there: the plan counts with it, so that nothing is news afterwards. */
		brought?: {by: string; state: ResourceStates[T]};
		/** Neither content nor value may be shown or logged. */
		secret?: true;
		/** Why undo would not be complete, where the step knows that and not the provider. */
		lasting?: string;
	}
}[K];

/** A resource that is not yet so. `before` is what undo writes. */
export type Change<K extends ResourceType = ResourceType> = {
	[T in K]: Resource<T> & {before: ResourceStates[T]; about?: About}
}[K];

/** What a package is, for the preview. Bytes to fetch, where that is known. */
export type About = {version: string; size?: number};

export type AnyState = ResourceStates[ResourceType];

/** The only code that reads and writes one type of resource. */
export type Provider<K extends ResourceType = ResourceType> = {
	read(name: string): Promise<ResourceStates[K]>;
	/** Safe to repeat. Law: after write(name, x), read(name) is x. */
	write(name: string, state: ResourceStates[K], context: WriteContext): Promise<void>;
	/** Several at once, where one by one would be slow or unsafe (a package transaction). */
	writeAll?(entries: ReadonlyArray<{name: string; state: ResourceStates[K]}>, context: WriteContext): Promise<void>;
	/** Whether two states count as the same; deep equality where not given. */
	same?(left: ResourceStates[K], right: ResourceStates[K]): boolean;
	/** Whether what is there now came of itself from what was written, and so is nobody else's: undo may put it back. */
	came?(current: ResourceStates[K], written: ResourceStates[K]): boolean;
	/** Why it is no longer what was just written, where the thing itself says more than its state tells. */
	complaint?(name: string, current: ResourceStates[K]): Promise<Problem | undefined>;
	/** What would come along with these changes (dependencies): shown and journalled like the rest. */
	implied?(changes: ReadonlyArray<Change<K>>): Promise<ReadonlyArray<Change<K>>>;
	/** What the things are, for the preview; what is not known is left out. */
	about?(names: readonly string[]): Promise<ReadonlyMap<string, About>>;
	/**
	 * These are likely to come, and were accepted already: gets ready what takes long, up to the point where it would change
	 * something. Nothing hangs on it: what is not ready when its change comes is made then.
	 */
	ahead?(changes: ReadonlyArray<Change<K>>): Promise<void>;
	/** Each of these is about to be previewed, and none will be made: begins to ask at once what would be asked of each. Nothing hangs on it either. */
	foresee?(groups: ReadonlyArray<ReadonlyArray<Change<K>>>): Promise<void>;
	/** Why undo would not be complete: shown in the preview. */
	lasting?(change: Change<K>): string | undefined;
	/** A write is never seen half done, so a state that is neither before nor after is somebody else's. */
	atomic?: true;
};

export type Providers = {[K in ResourceType]: Provider<K>};

/** What a write may tell while it runs. */
export type WriteContext = {
	progress: (event: WriteProgress) => void;
	/**
	 * Takes what only looks on whether a change lasts, so that other work can go on meanwhile. Whoever takes it waits for it before
	 * the change is kept. Where nobody does, the write itself waits.
	 */
	watch?: (watching: Promise<void>) => void;
};

export type WriteProgress =
	/** A line a command printed. */
	| {type: 'output'; line: string}
	/** 0 to 100, from the package manager's own status. */
	| {type: 'percent'; percent: number; label: string}
	/** Waiting for something that is not ours, and why. */
	| {type: 'waiting'; why: string};

export type Plan = {
	/** Packages, upgrades, and code that is fetched: a stage of their own, since these create files that decide what else is planned. */
	packages: readonly Change[];
	/** Everything else, in the order in which it is applied. */
	configuration: readonly Change[];
};

export type RunOptions = {
	/** Written to standard input, which is empty otherwise. */
	input?: string;
	/** Milliseconds; 60,000 where not given. A command that runs into it is killed and reads as exit code 124. */
	timeout?: number;
	env?: Readonly<Record<string, string>>;
	/** Called for each line of either stream, as it comes. */
	onLine?: (line: string) => void;
	/** What is written to it only asks, so an answer may be shared as that of a command without input is. */
	asks?: true;
};

/** Exit code 127 where the program does not exist. Streams end without their last newline. */
export type Output = {exitCode: number; stdout: string; stderr: string};

/** The machine, as providers, facts and checks may touch it. Commands are argv arrays and run in the C.UTF-8 locale. */
export type Host = {
	run(argv: Argv, options?: RunOptions): Promise<Output>;
	/** The text of a file, or undefined where there is none or it may not be read. */
	read(path: string): Promise<string | undefined>;
	/** The names in a folder, sorted; empty where there is none. */
	list(path: string): Promise<readonly string[]>;
	/** When a file or folder last changed; undefined where there is none or it may not be looked at. Links are followed. */
	stat(path: string): Promise<Stamp | undefined>;
	/** What is at a path itself, links not followed; undefined where nothing is or it may not be looked at. */
	look(path: string): Promise<Look | undefined>;
	/**
	 * A file in memory that a program makes at the path that it is given, until it is dropped or this process ends, however it does.
	 * Undefined where it could not be made.
	 */
	scratch(make: (path: string) => Promise<unknown>): Promise<Scratch | undefined>;
	/** The host that this one stands for: what is remembered of it is remembered of that one. */
	origin?: Host;
};

export type Scratch = {
	/** By which it is read. */
	path: string;
	drop(): void;
};

export type Stamp = {
	/** Seconds since the epoch. */
	modified: number;
	/** Bytes. */
	size: number;
	isFolder: boolean;
	/** Another one after every change. */
	mark: string;
};

export type Look = {
	kind: 'file' | 'directory' | 'link' | 'other';
	/** Permission bits, set-id and sticky ones too. */
	mode: number;
	uid: number;
	gid: number;
	/** Where a link leads. */
	target?: string;
};

export type Verdict = {
	/** `not-run` where the check does not apply or could not be made here; the evidence says why. */
	status: 'pass' | 'fail' | 'not-run';
	evidence: string;
};

/** One effect, asked of its consumer (sshd, the kernel, fail2ban), never of our own file. */
export type Check = {
	/** Stable: `step.what`, e.g. `ssh.root-login`. */
	id: string;
	title: string;
	severity: 'high' | 'medium' | 'low';
	/** CIS, ANSSI, Mozilla… items. */
	references?: readonly string[];
	/** How to put it right, for `audit`. */
	fix: string;
	/** It changes something for a moment (bans an address and lets it go): run after apply, never by `audit`. */
	writes?: true;
	/** About something that no answer of the step decides: told by `audit`, never a reason to undo the step. */
	advice?: true;
	/** Its first word is the last: nothing that was just reloaded decides it, or asking again does harm (a mail server counts wrong passwords). */
	final?: true;
	verify(host: Host): Promise<Verdict>;
};
