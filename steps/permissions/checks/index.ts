import {t} from '../../../source/words.ts';
import type {Answers} from '../../../source/answers.ts';
import type {Facts} from '../../../source/engine/facts.ts';
import type {Check} from '../../../source/engine/types.ts';
import {confinedPrograms} from '../apparmor.ts';
import {hasOwnAide} from '../integrity.ts';
import {isSuSafe, umaskFor} from '../login.ts';
import {servicesToStop} from '../resources.ts';
import {grantedCommands} from '../sudo.ts';
import {verifyApp, verifyPlaces, verifySetId, verifyWorldWritable} from './files.ts';
import {verifyCoreDumps, verifyCron, verifyModules, verifySettings, verifySharedMemory, verifySu, verifyUmask} from './kernel.ts';
import {verifyAccessControl, verifyAudit, verifyBanner, verifyIntegrity, verifyPasswords, verifyRestarts} from './records.ts';
import {verifyServices, verifySudoCommands} from './services.ts';

const fix = () => t('Run the step Permissions: {tool} --only permissions');

function fileChecks(answers: Answers): readonly Check[] {
	return [
		...answers.permissions?.files ?? true ? [{id: 'permissions.files', title: t('Hashes, keys, sudo\'s rules and root\'s jobs are root\'s alone'), severity: 'high', references: ['CIS Debian 12 7.1', 'ANSSI-BP-028 R50'], fix: fix(), verify: verifyPlaces} satisfies Check] : [],
		{id: 'permissions.app', title: t('The app cannot change its own code, or read secrets that it was not handed'), severity: 'high', references: ['ANSSI-BP-028 R51'], fix: t('Give code and settings to root, and take everybody\'s right to write: chown -R root: FOLDER, chmod -R go-w FOLDER'), advice: true, verify: async host => verifyApp(host, answers)},
		{id: 'permissions.world-writable', title: t('No file can be written by everybody'), severity: 'medium', references: ['CIS Debian 12 7.1.11', 'ANSSI-BP-028 R54'], fix: t('Take the right away, chmod o-w FILE; for a shared folder set the sticky bit, chmod +t FOLDER.'), advice: true, verify: verifyWorldWritable},
		{id: 'permissions.set-id', title: t('No program of unknown origin runs with the rights of its owner'), severity: 'high', references: ['CIS Debian 12 7.1.13', 'ANSSI-BP-028 R56'], fix: t('Find out where it comes from. Without a need for it: chmod u-s,g-s FILE'), advice: true, verify: verifySetId},
	];
}

function kernelChecks(facts: Facts, answers: Answers): readonly Check[] {
	const {permissions} = answers;
	return [
		...permissions?.sysctl ?? true ? [
			{id: 'permissions.kernel', title: t('The kernel drops forged packets and keeps programs apart'), severity: 'medium', references: ['CIS Debian 12 3.3', 'ANSSI-BP-028 R9'], fix: fix(), verify: async host => verifySettings(host, facts)},
			{id: 'permissions.shared-memory', title: t('No program runs from shared memory'), severity: 'low', references: ['CIS Debian 12 1.1.2.2.4'], fix: fix(), verify: verifySharedMemory},
		] satisfies Check[] : [],
		...permissions?.modules ?? true ? [{id: 'permissions.modules', title: t('Rare protocols and file systems are not loaded'), severity: 'low', references: ['CIS Debian 12 1.1.1', 'ANSSI-BP-028 R10'], fix: fix(), verify: async host => verifyModules(host, facts)} satisfies Check] : [],
		...permissions?.coreDumps ?? false ? [] : [{id: 'permissions.core-dumps', title: t('A program that crashes leaves no dump of its memory'), severity: 'low', references: ['CIS Debian 12 1.5.3'], fix: fix(), verify: verifyCoreDumps} satisfies Check],
	];
}

function loginChecks(facts: Facts, answers: Answers): readonly Check[] {
	return [
		...answers.permissions?.banner ?? true ? [{id: 'permissions.banner', title: t('Strangers are told that they are not meant to be here'), severity: 'low', references: ['CIS Debian 12 1.6'], fix: fix(), verify: verifyBanner} satisfies Check] : [],
		{id: 'permissions.umask', title: t('New files are not for everybody'), severity: 'low', references: ['CIS Debian 12 5.4.3.3', 'ANSSI-BP-028 R36'], fix: fix(), verify: async host => verifyUmask(host, umaskFor(answers))},
		...isSuSafe(facts) ? [{id: 'permissions.su', title: t('Only members of the group sudo may use su'), severity: 'medium', references: ['CIS Debian 12 5.2.7', 'ANSSI-BP-028 R38'], fix: fix(), writes: true, verify: verifySu} satisfies Check] : [],
		...'cron' in facts.packages ? [{id: 'permissions.cron', title: t('Only those on the list may have a crontab'), severity: 'low', references: ['CIS Debian 12 2.4.1.8'], fix: fix(), verify: verifyCron} satisfies Check] : [],
	];
}

function accessControlChecks(facts: Facts, answers: Answers): readonly Check[] {
	const [app, nginx] = confinedPrograms(answers);
	const shared = {severity: 'medium', references: ['CIS Debian 12 1.3.1', 'ANSSI-BP-028 R45'], fix: fix()} as const;
	return [
		{id: 'permissions.access-control', title: t('The kernel keeps the app to its own files'), ...shared, verify: async host => verifyAccessControl(host, facts, app)},
		...nginx === undefined ? [] : [{id: 'permissions.access-control-web', title: t('The kernel keeps nginx to its own files'), ...shared, verify: async host => verifyAccessControl(host, facts, nginx)} satisfies Check],
	];
}

function watchChecks(facts: Facts, answers: Answers): readonly Check[] {
	const {permissions} = answers;
	return [
		...permissions?.passwords ?? true ? [{id: 'permissions.passwords', title: t('A new password that is easily guessed is refused'), severity: 'low', references: ['CIS Debian 12 5.3.3.2', 'ANSSI-BP-028 R31'], fix: fix(), verify: verifyPasswords} satisfies Check] : [],
		...permissions?.restartServices ?? true ? [{id: 'permissions.restarts', title: t('No service runs with a library from before an update'), severity: 'medium', references: ['ANSSI-BP-028 R61'], fix: t('Restart them: needrestart -r a'), advice: true, verify: verifyRestarts} satisfies Check] : [],
		...(permissions?.integrity ?? true) && !hasOwnAide(facts) ? [{id: 'permissions.integrity', title: t('Files that change behind your back are found'), severity: 'medium', references: ['CIS Debian 12 6.3', 'ANSSI-BP-028 R76'], fix: fix(), verify: verifyIntegrity} satisfies Check] : [],
		...permissions?.mandatoryAccess ?? true ? accessControlChecks(facts, answers) : [],
		...permissions?.auditd ?? true ? [{id: 'permissions.audit', title: t('A record is kept of who changes what matters'), severity: 'medium', references: ['CIS Debian 12 6.2', 'ANSSI-BP-028 R73'], fix: fix(), verify: async host => verifyAudit(host, facts)} satisfies Check] : [],
	];
}

export function checks(facts: Facts, answers: Answers): readonly Check[] {
	const granted = grantedCommands(facts, answers);
	return [
		...fileChecks(answers),
		...kernelChecks(facts, answers),
		...loginChecks(facts, answers),
		{id: 'permissions.services', title: t('Nothing listens that a web app has no use for'), severity: 'high', references: ['CIS Debian 12 2.1', 'ANSSI-BP-028 R62'], fix: fix(), verify: async host => verifyServices(host, facts, servicesToStop(facts, answers))},
		...granted.length > 0 ? [{id: 'permissions.sudo', title: t('The commands that may be run as root are these and no others, and only root can change them'), severity: 'high', references: ['ANSSI-BP-028 R42'], fix: fix(), verify: async host => verifySudoCommands(host, granted)} satisfies Check] : [],
		...watchChecks(facts, answers),
	];
}
