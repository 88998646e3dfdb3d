import {t} from '../words.ts';
import {ConfirmView} from './screens/confirm.tsx';
import {EndingView} from './screens/ending.tsx';
import {FailureView} from './screens/failure.tsx';
import {GuardView} from './screens/guard.tsx';
import {OpeningView} from './screens/opening.tsx';
import {PreviewView} from './screens/preview.tsx';
import {ProgressView, spinner} from './screens/progress.tsx';
import {QuestionView} from './screens/question.tsx';
import {StepsView} from './screens/steps.tsx';
import {patience, type State} from './state.ts';
import type {Look} from './look.ts';

/** What is on screen: one view for each kind of screen. Nothing in here has an effect. `now` in milliseconds since the epoch. */
export function App({state, look, now}: {state: State; look: Look; now: number}) {
	const {screen, settledAt, activity, stopping} = state;
	const isWaiting = settledAt !== undefined && now - settledAt >= patience;
	const status = isWaiting ? `${spinner(now, look)} ${look.dim(look.plain(stopping ? t('Stopping…') : t('One moment…')))}` : undefined;
	switch (screen.kind) {
		case 'opening': {
			return <OpeningView screen={screen} look={look} status={status}/>;
		}

		case 'steps': {
			return <StepsView screen={screen} look={look} status={status}/>;
		}

		case 'question': {
			return <QuestionView screen={screen} look={look} status={status}/>;
		}

		case 'preview': {
			return <PreviewView screen={screen} look={look} status={status}/>;
		}

		case 'failure': {
			return <FailureView screen={screen} look={look} status={status}/>;
		}

		case 'guard': {
			return <GuardView screen={screen} look={look} now={now} status={status}/>;
		}

		case 'confirm': {
			return <ConfirmView screen={screen} look={look}/>;
		}

		case 'ending': {
			return <EndingView look={look}/>;
		}

		case 'progress': {
			return <ProgressView activity={activity} now={now} look={look} stopping={stopping}/>;
		}

		case 'blank': {
			return null;
		}
	}
}
