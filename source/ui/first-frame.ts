import {t} from '../words.ts';
import {createLook, type Environment} from './look.ts';
import {repaint} from './paint.ts';

/**
 * What is on screen while Ink is loaded and the server is looked at: so light that it is there at once.
 * Returns its lines, for the next frame to be painted over them.
 */
export function showFirstFrame({stdout, env, color}: {stdout: NodeJS.WriteStream; env: Environment; color: boolean}, version: string): readonly string[] {
	const look = createLook({env, color, columns: stdout.columns || 80, rows: stdout.rows || 24});
	const lines = [
		...(look.rows >= 30 ? [''] : []),
		`  ${look.strong('harden-python-vps')} ${look.dim(look.plain(version))}`,
		'',
		`  ${look.dim(look.plain(t('Looking at this server. That changes nothing.')))}`,
	];
	stdout.write(repaint([], lines));
	return lines;
}
