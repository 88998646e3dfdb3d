import {t} from '../../source/words.ts';
import type {Step} from '../../source/engine/step.ts';
import type {Resource} from '../../source/engine/types.ts';
import {layoutOf} from './layout.ts';

/** The folders of the app that the data steps build on. */
export const appStep: Step = {
	id: 'app',
	get title() {
		return t('App');
	},
	get purpose() {
		return t('The app runs as a user of its own.');
	},
	today: () => '',
	questions: () => [],
	resources(_, {app}): readonly Resource[] {
		const folder = (name: string, mode: number): Resource => ({type: 'directory', name, desired: {mode, owner: 'root', group: 'root'}, why: t('For the app\'s settings.')});
		return app ? [folder('/etc/harden', 0o755), folder(layoutOf(app.name).settings, 0o755), folder(layoutOf(app.name).credentials, 0o700)] : [];
	},
	checks: () => [],
	auditedOnlyWhenTaken: true,
};
