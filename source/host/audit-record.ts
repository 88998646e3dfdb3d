import {parseAccepted, type AcceptedRisk} from '../engine/accepted.ts';
import {parseBaseline, type Baseline} from '../engine/baseline.ts';
import {prepareStateFolder, readJson, writeJson} from './state-folder.ts';

/** What an audit remembers in the state folder: how the server stood before anything was changed, and which risks are accepted. */

const baselineFile = 'before.json';
const acceptedFile = 'accepted.json';

export async function readBaseline(folder: string): Promise<Baseline | undefined> {
	return parseBaseline(await readJson(folder, baselineFile));
}

export async function writeBaseline(folder: string, baseline: Baseline): Promise<void> {
	await writeJson(folder, baselineFile, baseline);
}

export async function readAccepted(folder: string): Promise<readonly AcceptedRisk[]> {
	return parseAccepted(await readJson(folder, acceptedFile));
}

export async function writeAccepted(folder: string, risks: readonly AcceptedRisk[]): Promise<void> {
	await prepareStateFolder(folder);
	await writeJson(folder, acceptedFile, {version: 1, risks});
}
