import {t} from '../words.ts';
import {day} from './days.ts';
import type {Block, Section} from './document.ts';
import {here, type Here} from './here.ts';
import type {ReportInput} from './input.ts';

/** What to do when something happened, with the names and commands of this very server. */

type Task = {what: string; command?: string};

function isolate({login, app, hasNginx, firewall}: Here): readonly Task[] {
	return [
		{what: t('Do not switch the server off or restart it: what is in memory would be lost, and it is evidence.')},
		{what: t('At the provider\'s firewall, let in only your own address. That works whatever happens on the server.')},
		{what: t('Come in'), command: login},
		...hasNginx ? [{what: t('Take the site off the network; nothing else stops'), command: 'sudo systemctl stop nginx.service'}] : [],
		...app ? [{what: t('Freeze the app: it does nothing any more, and its memory stays. It goes on with thaw in place of freeze'), command: `sudo systemctl freeze ${app.service}`}] : [],
		...firewall === 'ufw' ? [{what: t('Cut the way out for whatever is still running; your own session stays. Back again with allow in place of deny'), command: 'sudo ufw default deny outgoing'}] : [],
	];
}

function preserve({login, app}: Here, stateFolder: string): readonly Task[] {
	const folders = ['/etc', '/var/log', stateFolder, ...app ? [app.home, app.state] : []].join(' ');
	return [
		{what: t('Take a snapshot of the disk in the provider\'s console, before anything else is changed')},
		{what: t('What is running and connected right now'), command: 'sudo sh -c \'umask 077; { date; w; ps auxwwf; ss -tanup; } > /root/incident-now.txt\''},
		{what: t('The whole journal'), command: 'sudo sh -c \'umask 077; journalctl --output=export | gzip > /root/incident-journal.gz\''},
		{what: t('Settings, logs, and what this tool did. It holds secrets: keep it as close as the server itself'), command: `sudo sh -c 'umask 077; tar --create --gzip --file /root/incident-files.tgz ${folders}'`},
		{what: t('Fetch each of them to your own computer'), command: `${login} sudo cat /root/incident-files.tgz > incident-files.tgz`},
	];
}

function find({command, app, hasAudit, hasIntegrity, hasFail2ban, hasNginx}: Here): readonly Task[] {
	return [
		{what: t('What is no longer as it was set up'), command: `${command} audit`},
		{what: t('What this tool did, and when'), command: `${command} status`},
		{what: t('Who logged in'), command: 'sudo journalctl -t sshd -t sshd-session --grep="^Accepted"'},
		{what: t('Who became root'), command: 'sudo journalctl -t sudo -t su'},
		...hasIntegrity ? [{what: t('Files that changed behind your back'), command: 'sudo systemctl start harden-integrity.service; sudo journalctl -u harden-integrity.service'}] : [],
		...hasAudit ? [{what: t('Who changed accounts, sudo, keys or jobs; also harden-sudo, harden-sshd, harden-jobs, harden-app'), command: 'sudo ausearch -k harden-identity -i'}] : [],
		...app ? [{what: t('What the app said'), command: `sudo journalctl -u ${app.service} --since=-7d`}] : [],
		...app && hasNginx ? [{what: t('Who visited it'), command: `sudo less ${app.accessLog}`}, {what: t('What the application firewall took for attacks'), command: `sudo less ${app.wafLog}`}] : [],
		...hasFail2ban ? [{what: t('Who is banned'), command: 'sudo fail2ban-client status sshd'}] : [],
	];
}

function rotate({command, secrets, database, keys, https, backups}: Here, {answers}: ReportInput): readonly Task[] {
	// The database's address is changed by its own command, which keeps the app connected.
	const fetched = answers.secrets?.vault;
	const random = secrets.filter(name => name !== 'DATABASE_URL' && !(fetched && name in fetched.environment));
	return [
		{what: t('Only after the way in is closed: new secrets given to an intruder are theirs too.')},
		...random.map(name => name === 'SECRET_KEY'
			? {what: t('{name}; every user has to log in again', {name}), command: `${command} rotate secret ${name}`}
			: {what: t('{name}; one that somebody else gave you is changed there first, and given here with --stdin', {name}), command: `${command} rotate secret ${name}`}),
		...fetched ? [{what: t('In {address}: what is fetched from there, and the secret id of the role', {address: fetched.address})}] : [],
		...database ? [{what: t('The password of the database {name}', {name: database.name}), command: `${command} rotate database`}] : [],
		...keys.map(({owner, path}) => ({what: t('The keys that let {owner} in: take out what you do not know', {owner}), command: `sudo nano ${path}`})),
		...https && answers.https && https.directory !== 'self-signed' ? [{what: t('The key of the certificate'), command: `sudo certbot renew --cert-name ${https.certificate} --force-renewal`}] : [],
		...backups && !backups.isHere ? [{what: t('The credentials of the backups\' place, in its own console; then give them to the step "Backups"'), command: `${command} --only backups`}] : [],
		{what: t('Passwords and second factors of the provider, the registrar and the git repository.')},
	];
}

function restore({command, backups}: Here, {facts}: ReportInput): readonly Task[] {
	const {last, drill} = facts.backups;
	return [
		{what: t('If somebody was root here, trust nothing on this server: make a new one, and bring the data back there.')},
		...backups ? [
			{what: last ? t('The last backup: {state}, {time}', {state: last.state, time: day(last.startedAt)}) : t('No backup was made yet.')},
			{what: drill ? t('The last restore drill: {state}, {time}', {state: drill.state, time: day(drill.startedAt)}) : t('No restore drill was made yet.')},
			{what: t('Which backups there are: one from before it happened is the one you want'), command: 'sudo harden-backup snapshots'},
			{what: t('What would come back, without changing anything'), command: `${command} restore --dry-run`},
			{what: t('App and database, from that backup'), command: `${command} restore --snapshot ID`},
			{what: t('On a new server: take the step "Backups" with {repository} and the key of the recovery sheet, then restore', {repository: backups.repository}), command: 'sudo npx harden-python-vps --only backups'},
		] : [{what: t('There are no backups by this tool: only what the provider or you yourself have can be brought back.')}],
		{what: t('A change of this tool turned out bad: it shows how first, then puts one step back'), command: `${command} undo --step STEP`},
		{what: t('All of them'), command: `${command} undo --all`},
	];
}

function tell({told, answers}: ReportInput): readonly Task[] {
	const isPersonal = told?.data !== 'none' && (told !== undefined || answers.app !== undefined);
	return [
		{what: told && told.contact !== '' ? t('First: {contact}', {contact: told.contact}) : t('Whoever is responsible: nobody was named. `report --ask` asks for it.')},
		...isPersonal ? [{what: t('Data about people may be concerned: in the EU the authority is told within 72 hours of your knowing (GDPR article 33), and the people themselves where their risk is high (article 34).')}] : [],
		{what: t('The provider\'s abuse desk, before others complain there about this server.')},
		{what: t('Your users: what happened, since when, what of theirs is concerned, what they should do.')},
		{what: t('Write down times and commands while you work. Afterwards: what let it in, and which check would have told.')},
	];
}

export function incidentPlan(input: ReportInput): Section {
	const names = here(input);
	const part = (title: string, commands: readonly Task[]): readonly Block[] => [{type: 'heading', text: title}, {type: 'commands', commands}];
	return {
		id: 'plan',
		title: t('If something happens'),
		blocks: [
			{type: 'paragraph', line: t('In this order. Print it, or keep it where you can read it without this server.')},
			...part(t('1. Isolate: stop the harm, keep the evidence'), isolate(names)),
			...part(t('2. Preserve: before you clean anything'), preserve(names, input.stateFolder)),
			...part(t('3. Find: what happened, and since when'), find(names)),
			...part(t('4. Rotate: whatever they may have read'), rotate(names, input)),
			...part(t('5. Restore'), restore(names, input)),
			...part(t('6. Tell'), tell(input)),
		],
	};
}
