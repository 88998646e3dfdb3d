import type {Host, Providers} from '../../engine/types.ts';
import {defaultStateFolder} from '../state-folder.ts';
import {acmeAccountProvider} from './acme-account.ts';
import {certificateProvider} from './certificate.ts';
import {directoryProvider} from './directory.ts';
import {fileProvider} from './file.ts';
import {firewallProvider, firewallRuleProvider} from './firewall.ts';
import {hostKeyProvider} from './host-key.ts';
import {logProvider} from './log.ts';
import {packageProvider} from './package.ts';
import {passwordProvider} from './password.ts';
import {seedProvider} from './seed.ts';
import {sysctlProvider} from './sysctl.ts';
import {unitProvider} from './unit.ts';
import {upgradeProvider} from './upgrade.ts';
import {userProvider} from './user.ts';

/** Who reads and writes each type of resource on this machine. What has to be remembered meanwhile goes to the state folder. */
export function providersFor(host: Host, stateFolder = defaultStateFolder): Providers {
	return {
		package: packageProvider(host, stateFolder),
		upgrade: upgradeProvider(host),
		file: fileProvider(host),
		directory: directoryProvider(host),
		log: logProvider(host),
		user: userProvider(host, stateFolder),
		password: passwordProvider(host, stateFolder),
		unit: unitProvider(host),
		firewall: firewallProvider(host),
		'firewall-rule': firewallRuleProvider(host),
		'host-key': hostKeyProvider(host),
		sysctl: sysctlProvider(),
		certificate: certificateProvider(host),
		'acme-account': acmeAccountProvider(host),
		seed: seedProvider(host),
	};
}
