import {request} from 'node:http';
import {setTimeout} from 'node:timers/promises';
import type {Host} from '../engine/types.ts';
import {t} from '../words.ts';

/** How the app is, as its web server meets it. */

export type AppPlace = {service: string; socketUnit: string; socket: string; /** The name that visitors use. */ domain?: string};

async function isActive(host: Host, unit: string): Promise<boolean> {
	return (await host.run(['systemctl', 'is-active', '--quiet', unit])).exitCode === 0;
}

/** The status of one request to the app's own socket. */
async function statusOf({socket, domain = 'localhost'}: AppPlace): Promise<number> {
	return new Promise((resolve, reject) => {
		const asked = request({socketPath: socket, path: '/', headers: {Host: domain, 'X-Forwarded-Proto': 'https', 'User-Agent': 'harden-python-vps'}, timeout: 10_000}, response => {
			response.resume();
			resolve(response.statusCode ?? 0);
		});
		asked.on('timeout', () => {
			asked.destroy(new Error(t('no answer within 10 seconds')));
		});
		asked.on('error', reject);
		asked.end();
	});
}

/** Whether there is an app to ask at all: its socket or its service is on. */
export async function isServed(host: Host, place: AppPlace): Promise<boolean> {
	return await isActive(host, place.socketUnit) || isActive(host, place.service);
}

type Ailment = {words: string; /** It answers, so that waiting helps less than where it does not yet. */ answers?: true};

/** What is wrong with the app; undefined where it is well: it answers, with less than 500, and its service is up. */
async function ailment(host: Host, place: AppPlace): Promise<Ailment | undefined> {
	try {
		const status = await statusOf(place);
		if (status >= 500) {
			return {words: t('It answers {status}.', {status}), answers: true};
		}
	} catch (error) {
		return {words: t('It does not answer: {reason}', {reason: (error as Error).message})};
	}

	return await isActive(host, place.service) ? undefined : {words: t('{unit} is not running.', {unit: place.service})};
}

/** Waits until the app is well, half a minute at most, or eight seconds of errors; what is wrong with it where it does not become so. */
export async function unwell(host: Host, place: AppPlace, patience = 30_000): Promise<string | undefined> {
	const began = Date.now();
	for (;;) {
		const found = await ailment(host, place);
		const waited = Date.now() - began;
		if (found === undefined || waited > (found.answers ? Math.min(patience, 8000) : patience)) {
			return found?.words;
		}

		await setTimeout(500);
	}
}
