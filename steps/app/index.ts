import {t} from '../../source/words.ts';
import type {Step} from '../../source/engine/step.ts';
import {checks} from './checks.ts';
import {layoutOf} from './layout.ts';
import {questions} from './questions.ts';
import {resources} from './resources.ts';
import {warnings} from './telling.ts';

export const appStep: Step = {
	id: 'app',
	get title() {
		return t('Your app');
	},
	get purpose() {
		return t('The app runs as a user of its own, in a sandbox, from code that it cannot change. Only the web server can reach it.');
	},
	today: ({app: {served}}) => served.length === 0 ? t('none is served') : t('serves {names}', {names: served.join(', ')}),
	questions,
	resources,
	checks,
	warnings,
	remember: (_, {app}) => app ? [t('The app\'s own words, and what to run after new code:\n    sudo journalctl -u {unit}\n    sudo systemctl reload {unit}', {unit: layoutOf(app.name).service})] : [],
	auditedOnlyWhenTaken: true,
};
