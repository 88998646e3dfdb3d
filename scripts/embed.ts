import type {Plugin} from 'esbuild';
import {snippets} from '../source/embedded/from-disk.ts';

/** Replaces the reader of snippets/ by the snippets themselves, and Ink's optional debugger by nothing. */
export const embed: Plugin = {
	name: 'embed',
	setup(builder) {
		builder.onResolve({filter: /^#snippets$/}, () => ({path: 'snippets', namespace: 'embedded'}));
		builder.onResolve({filter: /^react-devtools-core$/}, () => ({path: 'nothing', namespace: 'embedded'}));
		builder.onLoad({filter: /^snippets$/, namespace: 'embedded'}, () => ({contents: `export const snippets = ${JSON.stringify(snippets)};`, loader: 'js'}));
		builder.onLoad({filter: /^nothing$/, namespace: 'embedded'}, () => ({contents: 'export default {connectToDevTools() {}, initialize() {}};', loader: 'js'}));
	},
};
