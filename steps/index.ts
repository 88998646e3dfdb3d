import type {Step} from '../source/engine/step.ts';
import {appStep} from './app/index.ts';
import {djangoStep} from './django/index.ts';
import {fail2banStep} from './fail2ban.ts';
import {firewallStep} from './firewall.ts';
import {sshStep} from './ssh/index.ts';
import {updatesStep} from './updates.ts';

/**
 * The steps in their order, which is a safety decision: the system is current before anything is built on it; the new
 * way in is proven before the firewall closes; and the firewall knows that way in before anybody is banned by it.
 * Then the app, and what serves it.
 */
export const steps: readonly Step[] = [updatesStep, sshStep, firewallStep, fail2banStep, appStep, djangoStep];
