import type {ExecutionContext} from 'ava';
import {installTool, status, tool, writeAnswers, type AnswersFile} from '../tool.ts';
import {bootMachine, machinePackages, reasonAgainstMachines, type Machine} from '../vps/machine.ts';
import {whereItCan} from '../vps/on-server.ts';
import {boot, type Server} from '../vps/server.ts';
import {serveWheels} from '../vps/wheels.ts';
import {visitors} from './web-world.ts';

/**
 * What needs a kernel of its own: auditd, AppArmor and kernel settings, in a full machine. What needs none was done in a
 * container before, with the same disk. On one release: a machine costs a minute to boot. `npm run build` has to have been run.
 */

const packages = ['apparmor', 'auditd', 'curl', 'libnginx-mod-http-modsecurity', 'logrotate', 'modsecurity-crs', 'nginx', 'openssl', 'python3-venv', ...machinePackages];

/** What a container can judge as well is left out: each look takes seconds here. */
const answers: AnswersFile = {
	version: 1,
	app: {name: 'shop', audit: false},
	web: {waf: 'detect'},
	https: {},
	permissions: {files: false, modules: false, coreDumps: true, banner: false, passwords: false, restartServices: false, integrity: false, umask: '022'},
};
const patience = 20 * 60_000;

async function taken(t: ExecutionContext, place: Server | Machine, step: string): Promise<string> {
	const output = await tool(place, ['--answers', '/root/answers.yaml', '--yes', '--only', step], {timeout: patience});
	t.is(output.exitCode, 0, output.stdout + output.stderr);
	return output.stdout;
}

const sh = async (machine: Machine, script: string) => (await machine.run(['sh', '-euc', script], {timeout: patience})).stdout;

/** The app behind nginx with a certificate, a site of the user's elsewhere, and somebody else's file. */
async function prepare(t: ExecutionContext, server: Server): Promise<void> {
	await installTool(server);
	await serveWheels(server);
	await server.write('/opt/blog/index.html', 'the blog\n');
	await server.write('/etc/nginx/sites-enabled/blog', 'server {\n\tlisten 8080;\n\troot /opt/blog;\n}\n');
	await server.write('/home/other/notes', 'nobody else\'s\n');
	await writeAnswers(server, answers);
	for (const step of ['app', 'web', 'https']) {
		await taken(t, server, step);
	}

	// What would only take time at each start there: profiles of a hundred programs that are not here, and most kinds of attacks.
	await server.run(['sh', '-euc', `
		find /etc/apparmor.d -maxdepth 1 -type f -delete
		find /usr/share/modsecurity-crs/rules -name '*.conf' ! -name '*-901-*' ! -name '*-942-*' ! -name '*-949-*' -delete
		nginx -t -q
		echo 'body {}' >/var/lib/shop/static/a.css; echo uploaded >/var/lib/shop/media/m.txt
		install -D -m 0644 /var/lib/shop/media/m.txt /var/www/acme/.well-known/acme-challenge/token
	`]);
}

const settings = ['kernel.kptr_restrict', 'kernel.dmesg_restrict', 'kernel.yama.ptrace_scope', 'fs.protected_fifos', 'fs.suid_dumpable', 'dev.tty.ldisc_autoload', 'net.core.bpf_jit_harden'];
const values = async (machine: Machine) => (await sh(machine, `sysctl -n ${settings.join(' ')}`)).replaceAll('\n', ' ');

/** Whom the kernel holds to which profile, as it says itself. */
const held = async (machine: Machine) => sh(machine, 'for service in shop nginx; do cat /proc/$(systemctl show --property=MainPID --value $service)/attr/current; done');

/** What AppArmor refused, or would have. */
const refusals = async (machine: Machine) => sh(machine, 'grep -aE \'apparmor="(ALLOWED|DENIED)"\' /var/log/audit/audit.log || true');

/** Everything that nginx does for a site and for its admin: visits, an upload, an attack, reload, rotation, a new binary. */
async function served(t: ExecutionContext, machine: Machine): Promise<void> {
	t.deepEqual((await sh(machine, `
		ask() { curl -sk -m 120 -o /dev/null -w '%{http_code} ' "$@"; }
		ask https://localhost/; ask https://localhost/static/a.css; ask https://localhost/media/m.txt
		ask http://localhost/.well-known/acme-challenge/token; ask http://localhost:8080/
		head -c 300000 /dev/urandom | ask -F file=@- https://localhost/; ask 'https://localhost/?id=1%27%20OR%201=1--%20'
		systemctl reload nginx; logrotate --force /etc/logrotate.d/nginx; logrotate --force /etc/logrotate.d/harden-shop
		old=$(cat /run/nginx.pid); service nginx upgrade >/dev/null
		for second in $(seq 60); do [ "$(cat /run/nginx.pid)" = "$old" ] || break; sleep 1; done
		ask https://localhost/; [ "$(cat /run/nginx.pid)" != "$old" ]; systemctl restart nginx shop; ask https://localhost/
		[ -s /var/log/nginx/shop.access.log ] && [ -s /var/log/nginx/shop-waf.json.1 ]
	`)).split(' ').filter(Boolean), ['200', '200', '200', '200', '200', '405', '200', '200', '200']);
}

/** What auditd wrote down, and that nothing is refused that should not be. */
async function recorded(t: ExecutionContext, machine: Machine): Promise<void> {
	const output = await sh(machine, String.raw`
		printf '# test\n' >/etc/sudoers.d/intruder; rm /etc/sudoers.d/intruder
		auditctl -s | grep -E '^(enabled|failure)'; auditctl -l | grep -c harden-
		ausearch --input-logs --key harden-sudo --interpret
	`);
	t.regex(output, /^enabled 1\nfailure 1\n2\d\n/);
	t.regex(output, /name=\/etc\/sudoers\.d\/intruder .*nametype=CREATE/);
	t.regex(output, /name=\/etc\/sudoers\.d\/intruder .*nametype=DELETE/);
}

/** In force: another's files are out of reach, for whatever runs as the app or as nginx. */
async function refused(t: ExecutionContext, machine: Machine): Promise<void> {
	const tried = await sh(machine, String.raw`
		cat >/run/try.py <<'END'
import os
for path in ("/etc/hostname", "/home/other/notes", "/etc/harden/shop/environment"):
    try:
        print(path, len(open(path).read()) > 0)
    except OSError as error:
        print(path, error.strerror)
try:
    os.execv("/usr/bin/id", ["id"])
except OSError as error:
    print("id", error.strerror)
END
		stat -c %a /home/other/notes
		cd /; aa-exec -p harden.shop -- python3 - </run/try.py
		printf 'server { listen 8081; root /home/other; }\n' >/etc/nginx/sites-enabled/other; systemctl reload nginx
		for second in $(seq 60); do ss -Hltn | grep -q :8081 && break; sleep 1; done
		curl -s -o /dev/null -w '%{http_code}\n' http://localhost:8081/notes
		rm /etc/nginx/sites-enabled/other; systemctl reload nginx
	`);
	t.is(tried, '644\n/etc/hostname True\n/home/other/notes Permission denied\n/etc/harden/shop/environment True\nid Permission denied\n403');
}

async function story(t: ExecutionContext, server: Server): Promise<void> {
	await prepare(t, server);
	const machine = await bootMachine(server);
	const cost = (what: string) => {
		t.log(`${what}: ${machine.processorTime.toFixed(0)} s of processor time so far`);
	};

	cost('booted');
	const before = await values(machine);
	t.regex(before, /^0 /, 'a fresh kernel shows its addresses');

	const output = await taken(t, machine, 'permissions');
	t.regex(output, /harden\.shop \(complain\): watched, and nothing so far/);
	t.regex(output, /harden-nginx \(complain\): watched, and nothing so far/);
	t.notRegex(output, /not available here/);
	t.is(await held(machine), 'harden.shop (complain)\nharden-nginx (complain)');
	t.is(await values(machine), '2 1 1 2 0 0 2');
	cost('applied');
	await served(t, machine);
	cost('served');
	t.is(await refusals(machine), '');
	await recorded(t, machine);

	// A day later, and it was a clean one: in force. Besides that, there is nothing to change.
	await sh(machine, 'touch --date="25 hours ago" /etc/apparmor.d/harden*');
	t.regex(await taken(t, machine, 'permissions'), /making 2 changes\./);
	t.is(await held(machine), 'harden.shop (enforce)\nharden-nginx (enforce)');
	t.is(await sh(machine, 'systemctl restart nginx shop; for port in 443 8080; do curl -sk -m 120 -o /dev/null -w "%{http_code} " http$([ $port = 443 ] && echo s)://localhost:$port/; done'), '200 200 ');
	t.is(await refusals(machine), '');
	await refused(t, machine);

	cost('in force');
	const {runs} = await status(machine);
	const again = await taken(t, machine, 'permissions');
	t.is((await status(machine)).runs.length, runs.length, again);
	t.regex(again, /AppArmor has lately refused nginx: read \/home\/other\/notes\./);

	cost('again');
	const undone = await tool(machine, ['undo', '--step', 'permissions', '--yes'], {timeout: patience});
	t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
	t.is(await values(machine), before);
	t.is(await held(machine), 'unconfined\nunconfined');
	t.is(await sh(machine, 'auditctl -l; grep -c "^harden" /sys/kernel/security/apparmor/profiles || true; ls -d /etc/systemd/system/nginx.service.d /etc/apparmor.d/harden* 2>/dev/null || true'), 'No rules\n0');
	const {statuses} = visitors(server, await server.network.attacker(), 'localhost');
	t.deepEqual(await statuses({path: '/'}), [301], 'and from outside it answers as before');
	cost('undone');
}

whereItCan(await reasonAgainstMachines(), 'trixie: auditd, AppArmor for the app and nginx, kernel settings: watched, in force, again, undone', async t => {
	t.timeout(60 * 60_000);
	const server = await boot({release: 'trixie', packages});
	t.teardown(async () => server.destroy());
	await story(t, server);
});
