import type {Step} from '../source/engine/step.ts';
import {appStep} from './app/index.ts';
import {backupsStep} from './backups/index.ts';
import {djangoStep} from './django/index.ts';
import {fail2banStep} from './fail2ban.ts';
import {firewallStep} from './firewall.ts';
import {httpsStep} from './https/index.ts';
import {monitoringStep} from './monitoring/index.ts';
import {permissionsStep} from './permissions/index.ts';
import {postgresStep} from './postgres/index.ts';
import {secretsStep} from './secrets/index.ts';
import {sshStep} from './ssh/index.ts';
import {updatesStep} from './updates.ts';
import {webStep} from './web/index.ts';

/**
 * The steps in their order, which is a safety decision: the system is current before anything is built on it; the new
 * way in is proven before the firewall closes; and the firewall knows that way in before anybody is banned by it.
 * Then the app, with its secrets and its database before the step that makes tables in it; what serves it; what keeps it; and what watches over all of that.
 */
export const steps: readonly Step[] = [updatesStep, sshStep, firewallStep, fail2banStep, appStep, secretsStep, postgresStep, webStep, httpsStep, djangoStep, permissionsStep, backupsStep, monitoringStep];
