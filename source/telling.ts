import type {ApplyEvent} from './engine/apply.ts';
import type {Conversation} from './engine/conversation.ts';
import {describe, reversed} from './engine/describe.ts';
import type {UndoEvent} from './engine/undo.ts';

/** What the engine reports, in the words of the conversation. */
export function tellApplying(conversation: Conversation, event: ApplyEvent): void {
	switch (event.type) {
		case 'start': {
			conversation.tell({type: 'start', description: describe(event.change)});
			break;
		}

		case 'write': {
			conversation.tell(event);
			break;
		}

		case 'done': {
			conversation.tell({type: 'done', description: describe(event.change), seconds: event.seconds});
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
			conversation.tell({type: 'undone', description: describe(reversed(event.change)), ...event.left !== undefined && {left: event.left}});
			break;
		}
	}
}
