import type {Host, Providers} from '../../engine/types.ts';
import {defaultStateFolder} from '../state-folder.ts';
import {acmeAccountProvider} from './acme-account.ts';
import {certificateProvider} from './certificate.ts';
import {blockProvider} from './block.ts';
import {credentialProvider} from './credential.ts';
import {databaseLoginProvider} from './database-login.ts';
import {databaseProvider} from './database.ts';
import {directoryProvider} from './directory.ts';
import {fileProvider} from './file.ts';
import {firewallProvider, firewallRuleProvider} from './firewall.ts';
import {hostKeyProvider} from './host-key.ts';
import {logProvider} from './log.ts';
import {modeProvider} from './mode.ts';
import {ownCertificateProvider} from './own-certificate.ts';
import {checkoutProvider} from './checkout.ts';
import {migrationsProvider, staticFilesProvider} from './django.ts';
import {packageProvider} from './package.ts';
import {passwordProvider} from './password.ts';
import {requirementsLockProvider} from './requirements-lock.ts';
import {sandboxProvider} from './sandbox.ts';
import {secretProvider} from './secret.ts';
import {seedProvider} from './seed.ts';
import {repositoryProvider} from './repository.ts';
import {selinuxPortProvider} from './selinux-port.ts';
import {sysctlProvider} from './sysctl.ts';
import {toolCopyProvider} from './tool-copy.ts';
import {unitProvider} from './unit.ts';
import {upgradeProvider} from './upgrade.ts';
import {userProvider} from './user.ts';
import {venvProvider} from './venv.ts';

/** Who reads and writes each type of resource on this machine. What has to be remembered meanwhile goes to the state folder. */
export function providersFor(host: Host, stateFolder = defaultStateFolder): Providers {
	return {
		package: packageProvider(host, stateFolder),
		upgrade: upgradeProvider(host),
		file: fileProvider(host),
		directory: directoryProvider(host),
		log: logProvider(host),
		mode: modeProvider(host),
		user: userProvider(host, stateFolder),
		password: passwordProvider(host, stateFolder),
		unit: unitProvider(host),
		firewall: firewallProvider(host),
		'firewall-rule': firewallRuleProvider(host),
		'host-key': hostKeyProvider(host),
		venv: venvProvider(host),
		'requirements-lock': requirementsLockProvider(host),
		secret: secretProvider(host),
		sandbox: sandboxProvider(host),
		checkout: checkoutProvider(host, stateFolder),
		migrations: migrationsProvider(host),
		'static-files': staticFilesProvider(host),
		sysctl: sysctlProvider(),
		'selinux-port': selinuxPortProvider(host),
		repository: repositoryProvider(host, stateFolder),
		certificate: certificateProvider(host),
		'acme-account': acmeAccountProvider(host),
		seed: seedProvider(host),
		credential: credentialProvider(host),
		block: blockProvider(host),
		'own-certificate': ownCertificateProvider(host),
		database: databaseProvider(host),
		'database-login': databaseLoginProvider(host),
		'tool-copy': toolCopyProvider(host),
	};
}
