import type {Host, Providers} from '../../engine/types.ts';
import {defaultStateFolder} from '../state-folder.ts';
import {directoryProvider} from './directory.ts';
import {fileProvider} from './file.ts';
import {firewallProvider, firewallRuleProvider} from './firewall.ts';
import {hostKeyProvider} from './host-key.ts';
import {checkoutProvider} from './checkout.ts';
import {migrationsProvider, staticFilesProvider} from './django.ts';
import {packageProvider} from './package.ts';
import {passwordProvider} from './password.ts';
import {sandboxProvider} from './sandbox.ts';
import {secretProvider} from './secret.ts';
import {sysctlProvider} from './sysctl.ts';
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
		user: userProvider(host, stateFolder),
		password: passwordProvider(host, stateFolder),
		unit: unitProvider(host),
		firewall: firewallProvider(host),
		'firewall-rule': firewallRuleProvider(host),
		'host-key': hostKeyProvider(host),
		venv: venvProvider(host),
		secret: secretProvider(host),
		sandbox: sandboxProvider(host),
		checkout: checkoutProvider(host, stateFolder),
		migrations: migrationsProvider(host),
		'static-files': staticFilesProvider(host),
		sysctl: sysctlProvider(),
	};
}
