import {render} from 'ink';
import type {ReactElement} from 'react';

/** Ink as what lays a tree out in lines. */
export type Renderer = {
	lines(tree: ReactElement, columns: number): readonly string[];
	unmount(): void;
};

/**
 * One Ink instance for the whole session. Ink's own way of writing clears the whole terminal, scrollback included, once a
 * frame is as tall as the screen, writes a whole frame for each finished line, draws nothing at all where CI is set, and
 * goes wrong when the terminal gets narrower. So it is asked for its frames one by one (`debug`), and paint.ts writes them.
 */
export function createRenderer(onError: (error: unknown) => void): Renderer {
	let frame = '';
	/** A change of size comes with the next frame, so nobody has to be told of it. */
	const deaf = () => sink;
	const sink = {
		columns: 80,
		isTTY: false,
		write(text: string) {
			frame = text;
			return true;
		},
		on: deaf,
		off: deaf,
	};
	let instance: ReturnType<typeof render> | undefined;
	return {
		lines(tree, columns) {
			sink.columns = columns;
			if (instance) {
				instance.rerender(tree);
			} else {
				instance = render(tree, {stdout: sink as unknown as NodeJS.WriteStream, debug: true, exitOnCtrlC: false, patchConsole: false, isScreenReaderEnabled: false});
				// Ink leaves when a view throws.
				instance.waitUntilExit().catch(onError);
			}

			return frame === '' ? [] : frame.split('\n');
		},
		unmount() {
			instance?.unmount();
		},
	};
}
