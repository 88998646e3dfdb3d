import type {Ending, Failure, GuardView, Opening, Place, Preview, StepState, Telling} from '../../source/engine/conversation.ts';
import type {Description} from '../../source/engine/describe.ts';
import type {Facts} from '../../source/engine/facts.ts';
import type {Question} from '../../source/engine/step.ts';

/** One made-up server, as every screen shows it. */

export const steps: readonly StepState[] = [
	{id: 'updates', title: 'Updates', today: '14 pending, 3 of them for security', state: 'done'},
	{id: 'ssh', title: 'SSH', today: 'passwords allowed, root allowed, 1 key found', state: 'current'},
	{id: 'firewall', title: 'Firewall', today: 'off', state: 'waiting'},
	{id: 'fail2ban', title: 'Fail2Ban', today: 'not installed', state: 'waiting'},
];

export const place: Place = {steps, index: 1, total: 4, dryRun: false};

export const opening: Opening = {
	version: '0.1.0',
	hostname: 'vps-1',
	os: 'Debian GNU/Linux 13 (trixie)',
	facts: {} as Facts,
	connection: 'You are root, over SSH from 198.51.100.7, on port 22, with a password.',
	promise: 'Nothing has been changed yet. Every change is shown first and can be undone.',
	exposed: [
		{port: '22', program: 'sshd', remark: 'passwords and root allowed'},
		{port: '5432', program: 'postgres', remark: 'a database, open to every address'},
		{port: '80', program: 'nginx', remark: 'its default page'},
	],
	steps: steps.map(step => ({...step, state: 'waiting'})),
	dryRun: false,
};

export const unfinished: Opening = {
	...opening,
	steps,
	unfinished: 'Stopped in step 2 of 4, 12 minutes ago; nothing is half done.',
	news: 'The step "SSH" was undone at 14:32: no new login came in before its deadline. Everything is as it was before it.',
};

export const portQuestion = {
	kind: 'text',
	id: 'ssh.port',
	message: 'Which port should SSH listen on?',
	why: 'Most password-guessing robots only try port 22. A high port keeps your logs quiet. It is not a lock: the keys are.',
	risk: 'deploy scripts that assume 22. The new command is shown at the end.',
	explain: 'Anyone who scans your server finds the new port in a minute. But nearly all attempts come from robots that try one port on millions of servers, and they move on. Ports from 1024 to 32767 are good: above them the kernel hands out ports of its own.',
	default: '5922',
	validate: value => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535 ? undefined : 'A port is a number from 1 to 65535.',
	remark: value => `${value} is free on this server`,
	parse: Number,
} satisfies Question;

export const keysQuestion = {
	kind: 'text',
	id: 'ssh.authorizedKeys',
	message: 'Which keys may log in as deploy?',
	why: 'Paste the public key of your own computer, or several. The key that root has today is kept.',
	explain: 'On your computer, run: ssh-keygen -t ed25519\nThen show the public half and paste it here: cat ~/.ssh/id_ed25519.pub',
	default: '',
	placeholder: 'ssh-ed25519 AAAA… you@laptop',
	lines: true,
	validate: value => value.split('\n').every(line => /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp256) [A-Za-z\d+/=]+/.test(line)) ? undefined : 'This is not a public key. A public key starts with ssh-ed25519, ecdsa-sha2-… or ssh-rsa.',
	remark: value => `${value.split('\n').length} key(s): ED25519, 256 bits`,
	parse: value => value.split('\n'),
} satisfies Question;

export const sudoQuestion = {
	kind: 'select',
	id: 'ssh.sudo',
	message: 'How should deploy become root?',
	why: 'You will log in as deploy and use sudo. A password protects root from whoever gets hold of your key alone.',
	default: 'nopasswd',
	choices: [
		{value: 'nopasswd', label: 'Without a password', hint: 'the key is enough; good for scripts'},
		{value: 'password', label: 'With a password', hint: 'you choose it now'},
	],
} satisfies Question;

export const checkboxQuestion = {
	kind: 'checkbox',
	id: 'firewall.prune',
	message: 'Which of these rules may go?',
	why: 'Nothing listens on these ports any more, or another rule comes before them.',
	explain: 'A rule that opens a port on which nothing listens is harmless today, and a hole the day something does.',
	default: ['allow 8080/tcp'],
	choices: [
		{value: 'allow 8080/tcp', label: 'allow 8080/tcp from anywhere', hint: 'nothing listens there'},
		{value: 'allow 22/tcp', label: 'allow 22/tcp from 203.0.113.0/24', hint: 'shadowed by rule 1'},
		{value: 'deny 25/tcp', label: 'deny 25/tcp from anywhere', hint: 'twice'},
	],
} satisfies Question;

export const confirmQuestion = {
	kind: 'confirm',
	id: 'updates.upgrade',
	message: 'Install the 14 pending updates now?',
	why: '3 of them close known security holes.',
	risk: 'services restart for a moment.',
	default: true,
} satisfies Question;

export const passwordQuestion = {
	kind: 'password',
	id: 'ssh.passwordHash',
	message: 'A password for deploy, to use with sudo.',
	why: 'It is not for logging in: SSH takes keys only. Only its hash is kept.',
	default: '',
	validate: value => value.length >= 12 ? undefined : 'At least 12 characters, please: a sentence is easy to remember.',
} satisfies Question;

const dropIn = `# Written by harden-python-vps. First match wins, so this file comes first.
Port 22
Port 5922
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowUsers deploy root
MaxAuthTries 3
LoginGraceTime 30
X11Forwarding no
AllowAgentForwarding no
KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org
Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
ClientAliveInterval 300
ClientAliveCountMax 2`;

export const descriptions: readonly Description[] = [
	{sign: '+', type: 'user', name: 'deploy', title: 'deploy', detail: '/bin/bash, sudo', why: 'You log in as deploy from now on, and become root with sudo.'},
	{sign: '+', type: 'file', name: '/home/deploy/.ssh/authorized_keys', title: '/home/deploy/.ssh/authorized_keys', detail: '1 line, 0600 deploy:deploy', why: 'The key that may log in.', diff: ['+ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9sQ0m3yqWv6VJ0C1WkQ7v8cB2V5m9bq3v1Yw0pQx7R me@laptop']},
	{sign: '+', type: 'file', name: '/etc/ssh/sshd_config.d/00-harden-python-vps.conf', title: '/etc/ssh/sshd_config.d/00-harden-python-vps.conf', detail: '16 lines, 0600 root:root', why: 'One file of our own, read before all others; yours stay as they are.', diff: dropIn.split('\n').map(line => `+${line}`)},
	{sign: '~', type: 'file', name: '/etc/ssh/sshd_config', title: '/etc/ssh/sshd_config', detail: '+1 −2 lines', why: 'It did not read the folder of drop-in files.', diff: [' # This is the sshd server system-wide configuration file.', ' ', '+Include /etc/ssh/sshd_config.d/*.conf', ' ', '-#Port 22', '-PasswordAuthentication yes', ' #AddressFamily any']},
	{sign: '~', type: 'unit', name: 'ssh.socket', title: 'ssh.socket', detail: 'on at boot, running → off at boot, stopped', why: 'With the socket, the port in the configuration would be ignored.'},
	{sign: '~', type: 'firewall-rule', name: 'ufw allow 5922/tcp', title: 'ufw allow 5922/tcp', detail: '', why: 'The new port has to be reachable before sshd moves there.'},
];

export const preview: Preview = {
	title: 'SSH',
	purpose: 'Only you can log in, and only with a key.',
	descriptions,
	exposure: [
		{what: 'Log in as root', before: 'password, key, from anywhere', after: 'nobody'},
		{what: 'Log in as deploy', before: 'no such user', after: 'key, from anywhere'},
		{what: 'Port 22', before: 'everyone', after: 'closed once you have come in on 5922'},
		{what: 'Port 5922', before: 'closed', after: 'everyone'},
	],
	warnings: ['PostgreSQL listens on every address. The firewall step closes it; until then anyone can try its passwords.'],
	safeBecause: 'the old port and root\'s key stay open until you have logged in anew; otherwise all of this is undone at 14:32.',
};

export const bigPreview: Preview = {
	title: 'Updates',
	purpose: 'Known holes are closed, today and by themselves from now on.',
	descriptions: [
		...['unattended-upgrades 2.12', 'apt-listchanges 4.8', 'python3-apt 3.0.0', 'lsb-release 12.1', 'distro-info-data 0.66', 'ucf 3.0050', 'sensible-utils 0.0.25'].map((title): Description => ({sign: '+', type: 'package', name: title, title, detail: '', why: 'Installs security updates every night.'})),
		{sign: '~', type: 'upgrade', name: 'all', title: 'all pending updates', detail: '14 packages', why: '3 of them close known security holes.', lasting: 'old versions are not kept by the archive, so an upgrade cannot be taken back.', diff: Array.from({length: 40}, (_, index) => ` libexample${index} 1.2.${index} 1.2.${index + 1}`)},
		{sign: '+', type: 'file', name: '/etc/apt/apt.conf.d/52harden', title: '/etc/apt/apt.conf.d/52harden', detail: '6 lines', why: 'When to reboot.', diff: ['+// 更新:每天夜里自动安装安全更新,必要时在 04:30 重启', '+Unattended-Upgrade::Automatic-Reboot "true";', '+Unattended-Upgrade::Automatic-Reboot-Time "04:30";']},
	],
	exposure: [],
	warnings: [],
	again: 'Installing the packages changed what else has to be done. This is the plan as it is now.',
};

export const failure: Failure = {
	title: 'SSH',
	fact: 'It was applied, but it does not have the effect it should have. Look at the evidence below.',
	evidence: ['Passwords are refused: sshd -T -C user=deploy,addr=198.51.100.7 says: passwordauthentication yes (from /etc/ssh/sshd_config.d/50-cloud-init.conf)'],
	left: [],
};

export const leftFailure: Failure = {...failure, left: ['file /etc/ssh/sshd_config: someone changed it after us, so it was left alone', 'package fail2ban: another package depends on it now']};

export const guard = (now: number): GuardView => ({title: 'SSH', command: 'ssh -p 5922 deploy@203.0.113.10', login: {user: 'deploy', port: 5922, sudo: 'nopasswd'}, deadline: now + (5 * 60_000)});

export const ending: Ending = {
	dryRun: false,
	changed: [
		{title: 'Updates', count: 11, state: 'done'},
		{title: 'SSH', count: 6, state: 'done'},
		{title: 'Firewall', count: 9, state: 'done'},
		{title: 'Fail2Ban', count: 0, state: 'skipped'},
	],
	remember: [
		'Log in with: ssh -p 5922 deploy@203.0.113.10',
		'In ~/.ssh/config on your computer:\nHost vps-1\n    HostName 203.0.113.10\n    Port 5922\n    User deploy',
		'Everything can be undone: harden-python-vps undo --all shows how before it does it. What was done is kept in /var/lib/harden-python-vps.',
		'If you ever cannot get in: open the console at your provider, log in as root there, and run the same command.',
	],
	file: '/var/lib/harden-python-vps/REMEMBER.txt',
};

export const check = {id: 'ssh.password', title: 'A password login is refused', severity: 'high', fix: 'Set PasswordAuthentication no.'} as const;

/** A step being applied, as `[milliseconds to wait before it, what is told]`. */
export function applying(): ReadonlyArray<readonly [number, Telling]> {
	const pack: Description = {sign: '+', type: 'package', name: 'fail2ban', title: 'fail2ban 1.1.0-8', detail: '', why: ''};
	const more: Description = {...pack, name: 'python3-systemd', title: 'python3-systemd 235-1'};
	const [user, keys, dropInFile, , unit] = descriptions;
	return [
		[0, {type: 'step', title: 'SSH', count: 6}],
		[100, {type: 'start', description: pack}],
		[0, {type: 'start', description: more}],
		[300, {type: 'write', event: {type: 'waiting', why: 'apt is busy: unattended-upgrades (process 812) holds its lock'}}],
		...Array.from({length: 20}, (_, index) => [150, {type: 'write', event: {type: 'percent', percent: index * 5, label: index < 10 ? 'Downloading fail2ban' : 'Unpacking fail2ban (1.1.0-8)'}}] as const),
		...Array.from({length: 20}, (_, index) => [60, {type: 'write', event: {type: 'output', line: `Get:${index} http://deb.example trixie/main amd64 fail2ban all 1.1.0-8 [${index * 17} kB]`}}] as const),
		[200, {type: 'done', description: pack, seconds: 4.12}],
		[0, {type: 'done', description: more, seconds: 4.12}],
		[50, {type: 'start', description: user!}],
		[100, {type: 'done', description: user!, seconds: 0.31}],
		[50, {type: 'start', description: keys!}],
		[50, {type: 'done', description: keys!, seconds: 0.01}],
		[50, {type: 'start', description: dropInFile!}],
		[50, {type: 'done', description: dropInFile!, seconds: 0.02}],
		[50, {type: 'start', description: unit!}],
		[1500, {type: 'write', event: {type: 'output', line: 'Removed "/etc/systemd/system/sockets.target.wants/ssh.socket".\u001B[2J\u001B[31mhostile'}}],
		[500, {type: 'done', description: unit!, seconds: 2.2}],
		[300, {type: 'reload', unit: 'ssh.service', seconds: 0.2}],
		[100, {type: 'check', check}],
		[900, {type: 'check', check, verdict: {status: 'pass', evidence: 'sshd answered "Permission denied (publickey)" to a login with a password'}}],
		[0, {type: 'check', check: {...check, title: 'Root cannot log in'}}],
		[600, {type: 'check', check: {...check, title: 'Root cannot log in'}, verdict: {status: 'pass', evidence: 'sshd -T -C user=root: permitrootlogin no'}}],
		[0, {type: 'check', check: {...check, title: 'Short Diffie-Hellman groups are gone'}, verdict: {status: 'not-run', evidence: 'this sshd uses none'}}],
		[0, {type: 'check', check: {...check, title: 'sftp works'}, verdict: {status: 'fail', evidence: 'sftp-server: not found\nConnection closed'}}],
		[0, {type: 'check', check: {...check, title: 'Somebody is told', advice: true, fix: 'Name a receiver.'}, verdict: {status: 'fail', evidence: 'nobody is named'}}],
	];
}
