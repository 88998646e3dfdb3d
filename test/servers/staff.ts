/* eslint ava/no-ignored-test-files: off -- it is used by test files. */
import {join} from 'node:path';
import type {Server} from '../vps/server.ts';

/** What people of the staff do in the admin site of the Django sample, and what strangers try there. */

const texts = [
	'It\'s a fine day, isn\'t it? Don\'t worry -- we\'ll see you (all) at 5:30, please!',
	'Please select one from the menu, or update your order where it\'s needed; delete what you don\'t want.',
	'The café\'s "house blend" costs 3 < 4 € & more; 50% off! Or 1=1? A joke: having fun; order by phone.',
	'# Hello\n\n```python\nimport os\nprint(os.environ["HOME"])\n```\n\n1. `pip install` it; then run it && enjoy.',
	'<p style="text-align:center">Hello <em>you</em></p>\n<ul><li class="x">one</li></ul><img src="/media/a.png" alt="It\'s me">',
];

/** A picture of one pixel, and a text that reads like a query. */
const files = [
	{name: 'it\'s me (1).png', type: 'image/png', content: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='},
	{name: 'notes; all of them.txt', type: 'text/plain', content: Buffer.from('Don\'t forget: select one from the menu; delete what you don\'t want -- it\'s fine.\n'.repeat(50)).toString('base64')},
];

const password = '\' OR 1=1; -- <b>select';

/** The argv of `manage.py` that makes the one whose login is tried. */
export const makeStaff = ['shell', '-c', `from django.contrib.auth.models import User; User.objects.create_superuser("o'brien", password=${JSON.stringify(password)})`];

/** What each of it was answered with, and what it should be. */
export async function staffAtWork(server: Server, host: string): Promise<{found: Record<string, number>; wanted: Record<string, number>}> {
	const client = await server.network.admin();
	const task = {address: server.address(client), host, user: 'o\'brien', password, texts, files};
	const {stdout} = await client.run(['node', join(import.meta.dirname, 'staff-visitor.mjs')], {input: JSON.stringify(task), timeout: 240_000});
	const saved = [...texts, ...files.map(({name}) => name)].map(what => [what, 302]);
	return {
		found: JSON.parse(stdout) as Record<string, number>,
		wanted: {login: 302, ...Object.fromEntries(saved) as Record<string, number>, search: 200, 'an attack on the search': 403, 'an attack on the login': 403},
	};
}
