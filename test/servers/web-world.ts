/* eslint ava/no-ignored-test-files: off -- it is used by test files. */
import {join} from 'node:path';
import {installTool} from '../tool.ts';
import type {Client} from '../vps/client.ts';
import type {Server} from '../vps/server.ts';

/** A server with an app behind a socket, as the app step leaves it, and visitors from outside. */

export const sh = async (server: Server, script: string, timeout = 120_000) => (await server.run(['sh', '-euc', script], {timeout})).stdout;

/** Says what it was asked; 404 below /missing, and headers of its own below /own. */
const app = String.raw`
import http.server, json, socket, socketserver
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *arguments): pass
    def answer(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        text = json.dumps({'path': self.path, 'headers': self.headers.items(), 'length': len(body)}).encode()
        self.send_response(404 if self.path.startswith(('/missing', '/wp-', '/static', '/media')) else 200)
        if self.path.startswith('/own'):
            self.send_header('Content-Security-Policy', "default-src 'none'; script-src 'nonce-1'")
            self.send_header('X-Frame-Options', 'SAMEORIGIN')
            self.send_header('Cross-Origin-Resource-Policy', 'same-site')
            self.send_header('X-Content-Type-Options', 'nosniff')
            self.send_header('X-Powered-By', 'Python/3')
        self.send_header('Content-Type', 'text/html')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        if self.command != 'HEAD': self.wfile.write(text)
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer
class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    def __init__(self):
        socketserver.BaseServer.__init__(self, None, Handler)
        self.socket = socket.fromfd(3, socket.AF_UNIX, socket.SOCK_STREAM)
    def get_request(self):
        return self.socket.accept()[0], ('unix', 0)
Server().serve_forever()
`;

/** The app, its socket, its files; and a session in which the app step is done. */
export async function prepare(server: Server, name = 'shop'): Promise<void> {
	await installTool(server);
	await server.write('/usr/local/lib/app.py', app);
	await server.write(`/etc/systemd/system/${name}.socket`, `[Socket]\nListenStream=/run/${name}/gunicorn.sock\nSocketUser=www-data\nSocketMode=0600\nBacklog=2048\n[Install]\nWantedBy=sockets.target\n`);
	await server.write(`/etc/systemd/system/${name}.service`, `[Service]\nUser=${name}\nExecStart=/usr/bin/python3 /usr/local/lib/app.py\n`);
	await sh(server, `useradd --system --home-dir /var/lib/${name} ${name}
install -d -o ${name} -g ${name} /var/lib/${name} /var/lib/${name}/static /var/lib/${name}/media
cd /var/lib/${name}/static; echo 'body {}' >site.css; echo x >.env; ln -s /etc/passwd link.txt; for i in $(seq 200); do echo "p { margin: $i }"; done >big.css
echo '<script>' >../media/page.html
systemctl daemon-reload; systemctl enable --quiet --now ${name}.socket
curl --silent --output /dev/null --unix-socket /run/${name}/gunicorn.sock http://localhost/
apt-get update -q >/dev/null`);
	await server.write('/var/lib/harden-python-vps/session.json', JSON.stringify({
		version: 1, answers: {version: 1, app: {name}}, chosen: ['app'], done: ['app'], skipped: [], finished: true, updatedAt: '',
	}), {mode: 0o600});
	await sh(server, 'chmod 700 /var/lib/harden-python-vps');
}

export type Visit = {path?: string; host?: string; method?: string; headers?: Record<string, string>; body?: string; padding?: number};
export type Visited = {status: number; error?: string; headers: Record<string, string | undefined>; body: string};

async function visitor<T>(client: Client, task: Record<string, unknown>): Promise<T> {
	const {stdout} = await client.run(['node', join(import.meta.dirname, 'web-visitor.mjs')], {input: JSON.stringify(task), timeout: 240_000});
	return JSON.parse(stdout) as T;
}

/** Visitors of the server at a client of the lab. */
export function visitors(server: Server, client: Client, host: string) {
	const address = server.address(client);
	return {
		visits: async (...requests: readonly Visit[]) => visitor<Visited[]>(client, {what: 'visits', address, requests: requests.map(request => ({host, ...request}))}),
		statuses: async (...requests: readonly Visit[]) => (await visitor<Visited[]>(client, {what: 'visits', address, requests: requests.map(request => ({host, ...request}))})).map(({status}) => status),
		/** How many answers of each status, or of each failure. */
		load: async (count: number, connections: number, patience = 60_000) => visitor<Record<string, number>>(client, {what: 'load', address, host, count, connections, patience}),
		slow: async (connections: number) => visitor<number[]>(client, {what: 'slow', address, host, connections}),
	};
}

/**
 * Asks `nginx -t` over and over while the work goes on, as long as nginx is there, and its module wholly or not at all, as packages.
 * Returns what it said against the files: nothing, where they were right at every moment.
 *
 * Files come and go while one look is taken: so a no is asked again at once, and a file of an `include …/*` that went between
 * being listed and being opened says nothing of those that are there.
 */
export async function watchingNginx(server: Server, work: () => Promise<void>): Promise<string> {
	await server.write('/run/watch/watch', `there() {
	case "$(dpkg-query --show --showformat '\${db:Status-Abbrev}' nginx libnginx-mod-http-modsecurity 2>/dev/null)" in
		'ii ' | 'ii ii ' | 'ii un ') true ;;
		*) false ;;
	esac
}
good() {
	nginx -t >/run/watch/last 2>&1 || grep -q 'open() "/etc/nginx/[a-z-]*/[^/"]*" failed (2: .* in /etc/nginx/nginx.conf:' /run/watch/last
}
while [ ! -e /run/watch/stop ]; do
	if there; then
		good || good || good || { there && cat /run/watch/last >>/run/watch/bad; }
		echo >>/run/watch/count
	fi
	sleep 0.1
done`);
	await sh(server, 'systemd-run --quiet --collect --unit=watch-nginx sh /run/watch/watch');
	try {
		await work();
	} finally {
		await sh(server, 'touch /run/watch/stop; while systemctl is-active --quiet watch-nginx; do sleep 0.1; done');
	}

	return sh(server, 'test "$(wc -l </run/watch/count)" -gt 3; cat /run/watch/bad 2>/dev/null || true; rm -r /run/watch');
}
