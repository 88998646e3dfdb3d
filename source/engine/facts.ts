import type {Listen, NamedPlaces} from './nginx-config.ts';
import type {WafFinding} from './waf-log.ts';

/** What the host is, as plain data. Each part is one command (or file) and one pure parser in source/host/facts/. */

export type Facts = {
	hostname: string;
	os: OperatingSystem;
	/** Are we root? Without it (a dry run) some parts below are unknown and say so. */
	root: boolean;
	operator: Operator;
	/** The address others reach this host at, best guess first: the one the operator came in on. */
	addresses: readonly string[];
	listeners: readonly Listener[];
	users: readonly User[];
	/** Installed packages and their versions. */
	packages: Readonly<Record<string, string>>;
	/** Unit files by name. */
	units: Readonly<Record<string, UnitFacts>>;
	updates: UpdateFacts;
	ssh: SshFacts;
	firewall: FirewallFacts;
	fail2ban: Fail2banFacts;
	backups: BackupFacts;
	monitoring: MonitoringFacts;
	app: AppFacts;
	web: WebFacts;
	permissions: PermissionFacts;
	postgres: PostgresFacts;
	secrets: SecretsFacts;
	cores: number;
	/** MiB. */
	memory: number;
};

export type OperatingSystem = {
	/** `debian`, `ubuntu`, … as in os-release(5). */
	id: string;
	versionId: string;
	codename: string;
	prettyName: string;
};

/** Who runs the wizard, and how they came in. */
export type Operator = {
	/** The login behind sudo, or the user itself. */
	user: string;
	/** Where the SSH connection comes from; absent on a console. */
	address?: string;
	/** The port and address of this host that the connection came in on. */
	port?: number;
	serverAddress?: string;
	/** How sshd let this session in, where the journal tells. */
	method?: 'password' | 'publickey';
};

export type Listener = {
	protocol: 'tcp' | 'udp';
	/** `0.0.0.0`, `::`, `*`, or one address, without brackets or zone. */
	address: string;
	port: number;
	/** The program; unknown without root. */
	program?: string;
};

export type User = {name: string; uid: number; gid: number; home: string; shell: string; groups: readonly string[]; /** From shadow; unknown without root. */ passwordUsable?: boolean};

/** `enabled` also for units that another enabled unit pulls in under an alias. */
export type UnitFacts = {enabled: boolean; active: boolean; masked: boolean};

export type Upgrade = {name: string; from: string; to: string; security: boolean};

export type UpdateFacts = {
	/** Empty where it was not asked for. */
	pending: readonly Upgrade[];
	rebootRequired: boolean;
	/** `systemd-timesyncd`, `chrony`, … where one is active. */
	timeService?: string;
	/** Seconds since the package lists were fetched; absent where they never were. */
	listsAge?: number;
	/** The container this host is, as systemd-detect-virt(1) calls it: the clock is then its host's. */
	container?: string;
	/** Half-installed packages, from an interruption that is not healed yet. */
	unfinished?: readonly string[];
};

/** One line of an authorized_keys file, parsed by source/engine/authorized-key.ts. */
export type AuthorizedKey = {
	/** `ssh-ed25519`, … */
	type: string;
	/** base64 as in the file. */
	blob: string;
	bits: number;
	/** `SHA256:…` as ssh-keygen prints it. */
	fingerprint: string;
	comment: string;
	/** e.g. `no-port-forwarding`, `command="…"`. */
	options: readonly string[];
};

export type SshFacts = {
	installed: boolean;
	/** e.g. `9.2`. */
	version: string;
	/** `sshd -T`: keyword in lower case → its values, for the operator's own connection. Undefined where it cannot be asked without root. */
	config?: Readonly<Record<string, readonly string[]>>;
	/** The same for root from anywhere. */
	configForRoot?: Readonly<Record<string, readonly string[]>>;
	/** The ports that really listen, socket units included. */
	ports: readonly number[];
	/** ssh.socket is what listens (Ubuntu ≥ 22.10, or by choice). */
	socketActivated: boolean;
	/** sshd_config and its drop-ins, in the order in which sshd reads them: path → text. */
	files: ReadonlyArray<{path: string; content: string} & Partial<Ownership>>;
	/** Whether /etc/ssh/sshd_config.d is there. */
	hasDropInFolder: boolean;
	/** Options on sshd's command line (SSHD_OPTS in /etc/default/ssh): they beat every file. */
	options?: string;
	/** `ssh -Q` by name: kex, cipher, mac, key, sig. */
	supported: Readonly<Record<string, readonly string[]>>;
	hostKeys: ReadonlyArray<{path: string; type: string; bits: number; fingerprint: string}>;
	/** The keys of everybody who has a shell, root first. */
	keys: readonly KeyFile[];
	/** How many of /etc/ssh/moduli's groups are under 3072 bits. */
	shortModuli: number;
	/** The text of /etc/ssh/moduli. */
	moduli?: string;
	/** Logins that have to change their password first, or whose account has expired (shadow(5)); unknown, so empty, without root. */
	expired: ReadonlyArray<{user: string; what: 'password' | 'account'}>;
};

export type Ownership = {mode: number; owner: string; group: string};

/** Where sshd looks for a login's keys first, and what is there. */
export type KeyFile = {
	user: string;
	path: string;
	/** The file's text; absent where there is none, or it may not be read. */
	content?: string;
	keys: readonly AuthorizedKey[];
	/** Why sshd would not take these keys (StrictModes), in words. */
	problems: readonly string[];
	/** Which of the folder and the file are links. */
	links: readonly string[];
	/** The home, the folder of the file and the file, as far as they are there; links not followed. */
	places: {home?: Ownership; folder?: Ownership; file?: Ownership};
};

/** The grammar of one rule, the same for every backend. `from` is `any`, an address or a network; `port` absent means all. */
export type FirewallRule = {
	action: 'allow' | 'deny' | 'reject' | 'limit';
	port?: number;
	/** A range's end, inclusive. */
	toPort?: number;
	protocol: 'tcp' | 'udp' | 'any';
	from: string;
	/** One of several in a rule of the user's own form: it counts, but cannot go alone. */
	part?: true;
};

export type FirewallFacts = {
	/** What decides today. */
	backend: 'ufw' | 'firewalld' | 'other' | 'none';
	ufw: {
		installed: boolean;
		enabled: boolean;
		incoming?: string;
		/** In the order in which they are asked. Unknown (empty) without root. */
		rules: readonly FirewallRule[];
		/** Rules of a form that we do not understand, as ufw writes them. */
		foreign: readonly string[];
		/** Whether the rules are made for IPv6 too. */
		ipv6?: boolean;
		/** Kernel settings that ufw makes when it starts, dotted; absent where it is not installed. */
		sysctl?: Readonly<Record<string, string>>;
	};
	/** `incoming` and `rules` are those of `zone`, the one that the outside comes in by. Rules that refuse come first, as they are asked first. */
	firewalld: {installed: boolean; enabled: boolean; zone?: string; incoming?: string; rules: readonly FirewallRule[]; foreign: readonly string[]};
	/** Chains in nftables that are neither's, e.g. Docker's or a provider's. */
	foreignChains: readonly string[];
	/** Published by Docker, past every rule of ufw. */
	published: ReadonlyArray<{port: number; protocol: 'tcp' | 'udp'; address: string; container: string}>;
	ipv6: boolean;
};

export type Fail2banFacts = {
	installed: boolean;
	running: boolean;
	/** `/var/log/auth.log` is there and being written. */
	authLog: boolean;
	/** Addresses that earlier runs of this wizard came from, as our own drop-in remembers them. */
	operators?: readonly string[];
	/** Addresses and names that the user's own settings ignore. */
	ignored?: readonly string[];
	/** The file that it writes its log to; absent where that is the journal. */
	logFile?: string;
};

/** What an app would find here, and, where the answers name code that is on this server, what that code says of itself. */
export type AppFacts = {
	/** Interpreters by their paths: version as `3.13`. */
	pythons: Readonly<Record<string, string>>;
	/** Names of the apps that this tool serves here. */
	served: readonly string[];
	/** The newest commit of the ref that the answers name, where it can be asked for. */
	newest?: string;
	/** The code that the answers point at, once it is there. */
	code?: CodeFacts;
};

export type CodeFacts = {
	path: string;
	/** Texts by path inside the code, of those that say what an app needs and how it is set: requirements.txt, pyproject.toml, uv.lock, …, settings.py, urls.py. */
	files: Readonly<Record<string, string>>;
	/** The commit, of code that git fetched. */
	commit?: string;
	/** It has a folder `src`, in which modules may lie. */
	hasSourceFolder: boolean;
};
/** nginx as it is set up without us: files of ours are left out. */
export type WebFacts = {
	installed: boolean;
	/** What nginx.conf includes into its http block: absolute patterns. */
	includes: readonly string[];
	servers: readonly NginxServer[];
	/** What other sites than ours name on the disk, links followed: folders and files that nginx needs for them. */
	places: NamedPlaces;
	/** The names of directives that stand in the http block itself: each may stand there once. */
	settings: readonly string[];
	/** sites-enabled/default is the package's welcome page, and nobody put anything into its folder. */
	packagePage: boolean;
	/** What the application firewalls of this server refused or would have refused lately: name of the app → rule by rule. */
	findings: Readonly<Record<string, readonly WafFinding[]>>;
};

export type NginxServer = {file: string; listens: readonly Listen[]; names: readonly string[]};

/** Who may read, write and do what today, and what the kernel allows. */
export type PermissionFacts = {
	/** What of the table of places (engine/places.ts) is there. Links are told as such, and never followed. */
	places: Readonly<Record<string, Place>>;
	kernel: KernelFacts;
	/** Mount options of /dev/shm; absent where nothing is mounted there. */
	sharedMemory?: readonly string[];
	/** A network file system is mounted or exported, so that what serves it is needed. */
	networkFiles: boolean;
	/** Whoever has a crontab of their own today. */
	crontabs: readonly string[];
	/**
	 * Our AppArmor profiles that are loaded. `age`: seconds since its files were written; `refusals`: what it refused or, while
	 * it only watches, would have refused since (for a week at most), each once; absent where nobody can tell.
	 */
	profiles: Readonly<Record<string, {mode: 'complain' | 'enforce'; age: number; refusals?: readonly string[]}>>;
	/** Files that have no folder for drop-ins: path → text; absent where they are not there. */
	texts: Readonly<Record<string, string>>;
};

export type Place = Ownership & {kind: 'file' | 'directory' | 'link' | 'other'};

export type KernelFacts = {
	/** Settings of our table that this kernel has: dotted key → value. `fixed`: read-only here, since they belong to the host of this container. */
	settings: Readonly<Record<string, {value: string; fixed: boolean}>>;
	/** Settings that the admin makes in a file of their own: key → that file. */
	theirs: Readonly<Record<string, string>>;
	/** Network interfaces that are here to stay: no bridges, tunnels or containers' ends. */
	interfaces: readonly string[];
	/** Tunnels, bridges and containers' ends that are there now: packets may come back by another way than they went. */
	virtualInterfaces: readonly string[];
	/** Loaded modules; unknown (empty) in a container. */
	modules: readonly string[];
	/** Whether the kernel records what we would ask it to. */
	audit: boolean;
	/** Mandatory access control that is switched on: `apparmor`, `selinux`. */
	accessControl: readonly string[];
	/** Where SELinux is on: whether it refuses or only writes down what it would refuse, and whether the program that sets it is there. */
	selinux?: {enforcing: boolean; semanage: boolean};
};

export type PostgresFacts = {
	/** The version that apt would install, where there is no cluster: `17`. */
	candidate?: string;
	clusters: readonly ClusterFacts[];
};

export type ClusterFacts = {
	version: string;
	name: string;
	port: number;
	running: boolean;
	/** Absent where it does not run, or without root. */
	settings?: Readonly<Record<string, {value: string; /** Where it is set; absent for a default. */ file?: string}>>;
	databases?: ReadonlyArray<{name: string; owner: string; /** Its owner may do everything anyway. */ ownedBySuperuser: boolean}>;
};

export type SecretsFacts = {
	/** Whether systemd-creds can encrypt to this host, by what, or why not; unknown without root. */
	sealing?: {possible: true; by: 'tpm2' | 'host'} | {possible: false; why: string};
	/** Apps on this server, and the secrets that they have: names only. */
	apps: Readonly<Record<string, {plain: readonly string[]; sealed: readonly string[]}>>;
	/** The program of OpenBao or Vault. */
	agent?: string;
	/** Apps whose agent has the secret id that it logs in with. */
	secretIds: readonly string[];
	/** What looks like a secret in their code. */
	inCode: readonly FoundSecret[];
};

/** A place in the code, and the kind of secret; never the secret. */
export type FoundSecret = {app: string; file: string; line: number; kind: string};

/** Unknown, so empty, without root. */
export type BackupFacts = {
	/** Where they go, as the step wrote it. */
	repository?: string;
	/** Whether credentials and a key of the repository are stored. */
	credentials: boolean;
	password: boolean;
	/** The word at the end of the recovery sheet, for that repository. */
	word?: string;
	/** How the last ones went. */
	last?: BackupRun;
	drill?: BackupRun;
};

/** What lies in closed folders is unknown, so false, without root. */
export type MonitoringFacts = {
	/** Whether an address and a password are stored. */
	webhook: boolean;
	smtpPassword: boolean;
	/** This machine has a mail program of its own. */
	sendmail: boolean;
	/** How many alerts wait for a receiver that is away. */
	waiting: number;
	/** The system's log has its folder on the disk. */
	logFolder: boolean;
};

export type BackupRun = {state: 'running' | 'done' | 'failed'; startedAt: string; error?: string};
