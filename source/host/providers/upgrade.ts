import {aptContentOptions, aptUpgrade} from '../../engine/apt.ts';
import {t} from '../../words.ts';
import type {Host, Provider} from '../../engine/types.ts';
import {settlePackages} from '../apt/heal.ts';
import {aptGet} from '../apt/options.ts';
import {runPackages} from '../apt/run.ts';
import {pendingUpgrades} from '../apt/pending.ts';

/** All pending upgrades as one thing. Undo leaves them in place, and the preview says so. */
export function upgradeProvider(host: Host): Provider<'upgrade'> {
	return {
		async read() {
			const upgrades = await pendingUpgrades(host);
			return {pending: upgrades.map(({name, from, to}) => `${name} ${from || '-'} ${to}`).toSorted()};
		},
		async write(_name, {pending}, context) {
			if (pending.length > 0) {
				// The way back: there is none, and the preview said so.
				return;
			}

			await settlePackages(host, context);
			await runPackages(host, aptGet(...aptContentOptions, ...aptUpgrade), context);
		},
		lasting: () => t('Upgrades cannot be undone: the package sources keep no older versions to go back to.'),
	};
}
