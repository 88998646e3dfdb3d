import type {Server} from '../vps/server.ts';

/** The smallest app that needs its database: behind a socket, with its secrets from systemd, asking PostgreSQL at each request. */

const program = String.raw`
import os, select, signal, socket, subprocess, sys, threading
folder = os.environ.get('CREDENTIALS_DIRECTORY', '')
for name in sorted(os.listdir(folder)) if folder else []:
    with open(os.path.join(folder, name)) as file:
        os.environ[name.split('_', 1)[1]] = file.read()
def healthy():
    if os.path.exists('/etc/small-app-is-broken') and os.environ.get('SMALL_APP_BREAKS'):
        return False
    if 'DATABASE_URL' not in os.environ:
        return True
    asked = subprocess.run(['psql', '-XAtq', '-c', 'INSERT INTO visits DEFAULT VALUES; SELECT count(*) FROM visits'], capture_output=True, env={**os.environ, **parts()})
    sys.stderr.write(asked.stderr.decode())
    return asked.returncode == 0
def parts():
    from urllib.parse import urlsplit, parse_qs
    url = urlsplit(os.environ['DATABASE_URL'])
    return {'PGUSER': url.username, 'PGPASSWORD': url.password, 'PGDATABASE': url.path[1:], 'PGHOST': parse_qs(url.query)['host'][0]}
def answer(connection):
    with connection:
        connection.recv(65536)
        body = os.environ.get('SHOWN', 'none').encode()
        status = b'200 OK' if healthy() else b'500 Internal Server Error'
        connection.sendall(b'HTTP/1.1 ' + status + b'\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' % len(body) + body)
listener = socket.socket(fileno=3)
stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopping.set())
# What was taken up is answered before it ends, as by gunicorn; what waits at the socket is for the next one.
while not stopping.is_set():
    if select.select([listener], [], [], 0.1)[0]:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,)).start()
`;

/** Puts the app on the server and starts it. */
export async function installSmallApp(server: Server, name: string): Promise<void> {
	await server.write('/usr/local/lib/small-app.py', program);
	await server.write(`/etc/systemd/system/${name}.socket`, `[Socket]\nListenStream=/run/${name}/gunicorn.sock\nRuntimeDirectory=${name}\n[Install]\nWantedBy=sockets.target\n`);
	await server.write(`/etc/systemd/system/${name}.service`, `[Service]\nKillMode=mixed\nDynamicUser=yes\nLoadCredential=app:/etc/harden/${name}/credentials\nExecStart=python3 /usr/local/lib/small-app.py\n`);
	await server.run(['sh', '-euc', `mkdir -p /etc/harden/${name}/credentials; chmod 0700 /etc/harden/${name}/credentials; systemctl daemon-reload; systemctl enable --quiet --now ${name}.socket; systemctl start ${name}.service`]);
	await appIsTaken(server, name);
}

/** As if the app step had been taken: it is in force, and is not asked about. */
async function appIsTaken(server: Server, name: string): Promise<void> {
	const session = {version: 1, answers: {version: 1, app: {name}}, chosen: [], done: ['app'], skipped: [], finished: true, updatedAt: '2026-01-01T00:00:00Z'};
	await server.write('/var/lib/harden-python-vps/session.json', JSON.stringify(session), {mode: 0o600});
}

/** What a visitor gets: the status, and the text. */
export async function visit(server: Server, name: string): Promise<string> {
	const {stdout} = await server.run(['curl', '--silent', '--max-time', '20', '--unix-socket', `/run/${name}/gunicorn.sock`, '--write-out', ' %{http_code}', 'http://localhost/'], {check: false});
	return stdout;
}
