/** A page in a real browser: what it looks like, what it fetches, what it complains of. */
import {Buffer} from 'node:buffer';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Writable} from 'node:stream';
import {execa} from 'execa';
import {installMissing} from './host.ts';

/** What headless Chromium needs, and how it is started: nothing of it goes out by itself. */
export const chromiumParts = {'/usr/bin/chromium': 'chromium', '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf': 'fonts-dejavu-core'};
export const chromiumOptions = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars'];

type Message = {id?: number; method?: string; params?: Record<string, unknown>; result?: Record<string, unknown>; error?: {message: string}};

export type View = {width: number; height?: number; mobile?: boolean; dark?: boolean};

export type Page = {
	/** The value of an expression of JavaScript in the page; JSON goes through. */
	evaluate<T>(expression: string): Promise<T>;
	/** The whole page, however long, or a part of it, as PNG. */
	picture(clip?: {x: number; y: number; width: number; height: number; scale: number}): Promise<Buffer>;
	/** As it would be printed, on A4. */
	pdf(): Promise<Buffer>;
	/** What the browser complained of: the console, blocked content, errors. */
	readonly complaints: readonly string[];
	/** What it asked for, the page itself left out. */
	readonly requests: readonly string[];
};

export type Browser = {open(file: string, view: View): Promise<Page>; close(): Promise<void>};

/** Headless Chromium, spoken to over a pipe (Chrome DevTools Protocol). Debian's package is installed when it is missing. */
export async function openBrowser(): Promise<Browser> {
	await installMissing(chromiumParts);
	const profile = await mkdtemp(path.join(tmpdir(), 'browser-'));
	const running = execa('chromium', [...chromiumOptions, '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'], {env: {HOME: profile}, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], reject: false, buffer: false});
	const waiting = new Map<number, (message: Message) => void>();
	const listeners = new Set<(message: Message) => void>();
	let rest = '';
	(running.stdio[4]).setEncoding('utf8').on('data', (chunk: string) => {
		const messages = (rest + chunk).split('\0');
		rest = messages.pop()!;
		for (const message of messages.map(text => JSON.parse(text) as Message)) {
			waiting.get(message.id ?? 0)?.(message);
			for (const listener of listeners) {
				listener(message);
			}
		}
	});

	let last = 0;
	async function send(method: string, parameters: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
		const id = ++last;
		const {result, error} = await new Promise<Message>(resolve => {
			waiting.set(id, resolve);
			(running.stdio[3] as unknown as Writable).write(`${JSON.stringify({id, method, params: parameters, sessionId})}\0`);
		});
		if (error) {
			throw new Error(`${method}: ${error.message}`);
		}

		return result!;
	}

	return {
		async open(file, view) {
			const {targetId} = await send('Target.createTarget', {url: 'about:blank'});
			const {sessionId} = await send('Target.attachToTarget', {targetId, flatten: true}) as {sessionId: string};
			return openPage(async (method, parameters) => send(method, parameters, sessionId), listeners, file, view);
		},
		async close() {
			await send('Browser.close').catch(() => undefined);
			await running;
			await rm(profile, {recursive: true, force: true, maxRetries: 5});
		},
	};
}

type Send = (method: string, parameters?: object) => Promise<Record<string, unknown>>;

async function openPage(send: Send, listeners: Set<(message: Message) => void>, file: string, {width, height = 844, mobile = false, dark = false}: View): Promise<Page> {
	const url = `file://${file}`;
	const complaints: string[] = [];
	const requests: string[] = [];
	const loaded = new Promise<void>(resolve => {
		listeners.add(({method, params}) => {
			switch (method) {
				case 'Log.entryAdded':
				case 'Runtime.consoleAPICalled':
				case 'Runtime.exceptionThrown':
				case 'Audits.issueAdded': {
					complaints.push(JSON.stringify(params));
					break;
				}

				case 'Network.requestWillBeSent': {
					const {request} = params as {request: {url: string}};
					requests.push(...request.url.split('#')[0] === url ? [] : [request.url]);
					break;
				}

				case 'Page.loadEventFired': {
					resolve();
					break;
				}

				default:
			}
		});
	});
	for (const domain of ['Page', 'Log', 'Runtime', 'Network', 'Audits']) {
		await send(`${domain}.enable`);
	}

	await send('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: 1, mobile});
	await send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: dark ? 'dark' : 'light'}]});
	await send('Page.navigate', {url});
	await loaded;
	return {
		async evaluate<T>(expression: string) {
			const {result} = await send('Runtime.evaluate', {expression, returnByValue: true}) as {result: {value: T}};
			return result.value;
		},
		async picture(clip) {
			const {data} = await send('Page.captureScreenshot', {captureBeyondViewport: true, ...clip && {clip}}) as {data: string};
			return Buffer.from(data, 'base64');
		},
		async pdf() {
			const {data} = await send('Page.printToPDF', {printBackground: true, preferCSSPageSize: true, paperWidth: 8.27, paperHeight: 11.69}) as {data: string};
			return Buffer.from(data, 'base64');
		},
		complaints,
		requests,
	};
}
