/** Python packages for tests: fetched once with this machine's own pip and its configuration, then put on a server as a folder. */
import {mkdir, mkdtemp, readdir, rename, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {command} from './command.ts';
import {cacheFolder, exclusively} from './owner.ts';
import type {Server} from './server.ts';

/** Where they are on a server. */
export const wheelsOnServer = '/usr/local/share/wheels';

/** What each name brings along, from what was fetched: not asked of any index again. */
const needs = ['flask', 'django', 'fastapi', 'gunicorn', 'uvicorn', 'starlette'] as const;
export type Wheel = typeof needs[number];

const folder = path.join(cacheFolder, `wheels-${needs.join('-')}`);

/**
 * MarkupSafe has compiled parts for one Python, and goes without them on any: `_native.py`. As a package for every Python it
 * serves both releases alike.
 */
const withoutCompiledParts = String.raw`
import pathlib, re, sys, zipfile
for wheel in pathlib.Path(sys.argv[1]).glob("markupsafe-*-cp*.whl"):
    name = re.sub(r"-cp.*", "-py3-none-any.whl", wheel.name)
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(wheel.with_name(name), "w") as new:
        for item in old.namelist():
            text = old.read(item)
            if item.endswith((".so", "RECORD")):
                continue
            if item.endswith(".dist-info/WHEEL"):
                text = b"Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            new.writestr(item, text)
        record = [f"{item},," for item in new.namelist()]
        info = next(item for item in old.namelist() if item.endswith(".dist-info/WHEEL")).removesuffix("WHEEL")
        new.writestr(info + "RECORD", "\n".join([*record, info + "RECORD,,"]) + "\n")
    wheel.unlink()
`;

/** Fetches them unless they are here. Throws with pip's own words where this machine's pip has no index that has them. */
async function wheels(): Promise<string> {
	return exclusively('wheels', async () => {
		if ((await readdir(folder).catch(() => [])).length > 0) {
			return folder;
		}

		const temporary = await mkdtemp(path.join(tmpdir(), 'wheels-'));
		try {
			const pip = ['pip', 'download', '--quiet', '--only-binary=:all:', '--disable-pip-version-check', '--dest', temporary, ...needs];
			// The developer's own pip settings apply, hence the whole environment.
			await command(pip, {env: process.env as Record<string, string>, timeout: 600_000});
			await command(['python3', '-', temporary], {input: withoutCompiledParts});
			await command(['chmod', '0755', temporary]);
			await mkdir(path.dirname(folder), {recursive: true});
			await rm(folder, {recursive: true, force: true});
			await command(['cp', '-a', temporary, `${folder}.new`]);
			await rename(`${folder}.new`, folder);
		} finally {
			await rm(temporary, {recursive: true, force: true});
		}

		return folder;
	});
}

/** Gives the server the wheels, and a pip.conf that knows nothing else. */
export async function serveWheels(server: Server): Promise<void> {
	await server.copyIn(await wheels(), wheelsOnServer);
	await server.write('/etc/pip.conf', `[global]\nno-index = true\nfind-links = ${wheelsOnServer}\n`);
}

/** The distribution's own compiled parts as wheels for the distribution's own Python, where what was fetched fits another. */
const fromDebian = String.raw`
import pathlib, sys, sysconfig, zipfile
target, *names = sys.argv[1:]
packages = pathlib.Path("/usr/lib/python3/dist-packages")
version = f"cp{sys.version_info.major}{sys.version_info.minor}"
tag = f"{version}-{version}-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
for name in names:
    [info] = packages.glob(f"{name}-*.dist-info")
    files = [path for folder in (packages / name, info) for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts and path.name not in ("RECORD", "WHEEL")]
    with zipfile.ZipFile(pathlib.Path(target, f"{info.stem}-{tag}.whl"), "w") as wheel:
        for path in files:
            wheel.write(path, path.relative_to(packages))
        wheel.writestr(f"{info.name}/WHEEL", f"Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: false\nTag: {tag}\n")
        wheel.writestr(f"{info.name}/RECORD", "\n".join([*(f"{path.relative_to(packages)},," for path in files), f"{info.name}/WHEEL,,", f"{info.name}/RECORD,,"]) + "\n")
`;

/** Debian's packages that FastAPI's compiled parts come in. */
export const packagesForFastApi = ['python3-pydantic'];

/**
 * FastAPI for the server's own Python. What was fetched has compiled parts for this machine's, which is Debian 12's where the
 * tests were made; Debian 13 has its own. pip takes what fits.
 */
export async function serveFastApi(server: Server): Promise<void> {
	await serveWheels(server);
	if (server.release === 'bookworm') {
		return;
	}

	await server.run(['python3', '-I', '-', wheelsOnServer, 'pydantic', 'pydantic_core'], {input: fromDebian});
}
