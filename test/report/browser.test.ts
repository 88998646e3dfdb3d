import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {reportAsHtml} from '../../source/report/html.ts';
import {reportOf} from '../../source/report/report.ts';
import {openBrowser} from '../vps/browser.ts';
import {sampleInput} from './sample.ts';

/** In a real browser: Chromium, on a phone, on a wide screen, and on paper. */

test('the report in a browser: nothing to scroll sideways, nothing fetched, nothing to complain of', async t => {
	t.timeout(120_000);
	const folder = await mkdtemp(path.join(tmpdir(), 'report-'));
	const browser = await openBrowser();
	t.teardown(async () => {
		await browser.close();
		await rm(folder, {recursive: true, force: true});
	});
	const file = path.join(folder, 'report.html');
	await writeFile(file, reportAsHtml(reportOf(sampleInput()), 'en'));
	for (const view of [{width: 320, mobile: true}, {width: 390, mobile: true}, {width: 390, mobile: true, dark: true}, {width: 1280}]) {
		const page = await browser.open(file, view);
		const [scrolls, shows, color, background] = await page.evaluate<[number, number, string, string]>('[document.documentElement.scrollWidth, window.innerWidth, getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]');
		t.is(scrolls, view.width, 'no wider than the screen');
		t.is(shows, view.width);
		t.is(color, view.dark ? 'rgb(228, 232, 236)' : 'rgb(27, 31, 36)', 'its style is let in by its own policy');
		t.not(color, background);
		t.is(await page.evaluate('document.scripts.length + document.images.length'), 0);
		t.deepEqual(page.requests, []);
		t.deepEqual(page.complaints, []);
	}

	const page = await browser.open(file, {width: 1280});
	const pdf = (await page.pdf()).toString('latin1');
	const pages = pdf.match(/\/Type \/Page\b/g)?.length ?? 0;
	t.true(pages >= 5 && pages < 60, `${pages} pages`);
	// What somebody else puts into it is refused, and that is seen here: the test can fail.
	await writeFile(file, reportAsHtml(reportOf(sampleInput()), 'en').replace('<main>', '<main><img src="http://198.51.100.1/x.png" /><style>body { color: red; }</style>'));
	const spoiled = await browser.open(file, {width: 1280});
	t.true(spoiled.complaints.length > 0);
	t.is(await spoiled.evaluate('getComputedStyle(document.body).color'), 'rgb(27, 31, 36)');
});
