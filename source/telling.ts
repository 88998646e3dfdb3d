import type {ApplyEvent} from './engine/apply.ts';
import type {Conversation} from './engine/conversation.ts';
import {describeAll, reversed} from './engine/describe.ts';
import type {UndoEvent} from './engine/undo.ts';

/** What the engine reports, in the words of the conversation. */
export function tellApplying(conversation: Conversation, event: ApplyEvent): void {
	switch (event.type) {
		case 'start': {
			for (const description of describeAll(event.changes)) {
				conversation.tell({type: 'start', description});
			}

			break;
		}

		case 'write': {
			conversation.tell(event);
			break;
		}

		case 'done': {
			for (const description of describeAll(event.changes)) {
				conversation.tell({type: 'done', description, seconds: event.seconds});
			}

			break;
		}
	}
}

export function tellUndoing(conversation: Conversation, event: UndoEvent): void {
	switch (event.type) {
		case 'undoing': {
			conversation.tell({type: 'undoing', count: event.count, why: event.why});
			break;
		}

		case 'write': {
			conversation.tell(event);
			break;
		}

		case 'undone': {
			for (const description of describeAll(event.changes.map(change => reversed(change)))) {
				conversation.tell({type: 'undone', description, ...event.left !== undefined && {left: event.left}});
			}

			break;
		}
	}
}
