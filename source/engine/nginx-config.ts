/** nginx.conf(5), as far as it has to be understood to live beside the sites that are there: pure. */

/** `listen 80 default_server;` is {name: 'listen', words: ['80', 'default_server']}. */
export type Directive = {name: string; words: readonly string[]; block?: readonly Directive[]};

type Token = {text: string; quoted: boolean};

/** A word may be quoted, or hold `${name}`; a comment begins where a word could. */
const tokenForm = /\s+|#[^\n]*|"(?<double>(?:\\[^]|[^"\\])*)"|'(?<single>(?:\\[^]|[^'\\])*)'|[;{}]|(?:\$\{[^}]*\}|\\[^]|[^\s;{}"'\\])(?:\$\{[^}]*\}|\\[^]|[^\s;{}\\])*/g;

function tokensOf(text: string): readonly Token[] {
	return [...text.matchAll(tokenForm)].filter(([whole]) => !/^(?:\s|#)/.test(whole)).map(({0: whole, groups}) => {
		const quoted = groups?.['double'] ?? groups?.['single'];
		return {text: quoted ?? whole, quoted: quoted !== undefined};
	});
}

/** The directives of a file. What is cut off or unbalanced is read as far as it goes. */
export function parseNginx(text: string): readonly Directive[] {
	const root: Directive[] = [];
	const stack: Directive[][] = [root];
	let words: string[] = [];
	for (const {text: word, quoted} of tokensOf(text)) {
		if (quoted || !/^[;{}]$/.test(word)) {
			words.push(word);
			continue;
		}

		const [name, ...rest] = words;
		words = [];
		if (name !== undefined) {
			const block: Directive[] | undefined = word === '{' ? [] : undefined;
			stack.at(-1)!.push({name, words: rest, ...block && {block}});
			if (block) {
				stack.push(block);
			}
		} else if (word === '{') {
			stack.push([]);
		}

		if (word === '}' && stack.length > 1) {
			stack.pop();
		}
	}

	return root;
}

export type Listen = {
	/** `*`, `[::]`, or one address as nginx writes it. */
	address: string;
	port: number;
	defaultServer: boolean;
	/** `ipv6only=off`: it takes IPv4 as well. */
	both: boolean;
};

/** The words of `listen`. A Unix socket, or a port that is a variable, is nobody's port. */
export function parseListen(words: readonly string[]): Listen | undefined {
	const [place = '', ...options] = words;
	const match = /^(?:(?<address>\[[\da-f:.]+\]|[\w.*-]+?)(?::(?<port>\d+))?|(?<only>\d+))$/i.exec(/^\d+$/.test(place) ? `*:${place}` : place);
	const {address, port} = match?.groups ?? {};
	return address === undefined || place.startsWith('unix:')
		? undefined
		: {
			address: address.toLowerCase(),
			port: Number(port ?? 80),
			defaultServer: options.includes('default_server') || options.includes('default'),
			both: options.includes('ipv6only=off'),
		};
}

/** The page that Debian's and Ubuntu's packages come with, and nothing that anybody wrote. */
export function isPackagePage(directives: readonly Directive[]): boolean {
	const [server, ...others] = directives;
	const text = (server?.block ?? []).map(({name, words, block = []}) => [name, ...words, ...block.map(inner => [inner.name, ...inner.words].join(' '))].join(' '));
	return others.length === 0 && server?.name === 'server' && text.toSorted().join('\n') === [
		'index index.html index.htm index.nginx-debian.html',
		'listen 80 default_server',
		'listen [::]:80 default_server',
		'location / try_files $uri $uri/ =404',
		'root /var/www/html',
		'server_name _',
	].join('\n');
}

/** What a configuration names on the disk: absolute paths. */
export type NamedPlaces = {reads: readonly string[]; writes: readonly string[]; sockets: readonly string[]};

const reading = /^(?:root|alias|(?:\w+_)?ssl_(?:certificate|certificate_key|client_certificate|trusted_certificate|dhparam|password_file|crl|session_ticket_key)|ssl_stapling_file|auth_basic_user_file|geoip2?|geoip_\w+|modsecurity_rules_file|perl_modules|perl_require|js_path|xslt_stylesheet|xml_entities)$/;
const writing = /^(?:access_log|error_log|\w+_temp_path|\w+_cache_path)$/;

/** As far as it is the same for every request: `/var/www/$host/public` is all of `/var/www`. */
function fixedPart(path: string): string {
	const fixed = path.split('$')[0]!;
	const folder = fixed === path ? fixed : fixed.slice(0, fixed.lastIndexOf('/'));
	return folder.replaceAll(/(?<=.)\/+$/g, '');
}

/** The places that these directives and their blocks name. Sockets: where requests are passed on to. */
export function namedPlaces(directives: readonly Directive[]): NamedPlaces {
	const inner = directives.filter(({block}) => block !== undefined).map(({block}) => namedPlaces(block!));
	const first = (form: RegExp) => directives.filter(({name, words}) => form.test(name) && words[0]?.startsWith('/')).map(({words}) => fixedPart(words[0]!));
	const sockets = directives.flatMap(({words}) => words.flatMap(word => [...word.matchAll(/\bunix:(?<path>\/[^:;,$\s]+)/g)].map(({groups}) => groups!['path']!)));
	return {
		reads: [...first(reading), ...inner.flatMap(({reads}) => reads)],
		writes: [...first(writing), ...inner.flatMap(({writes}) => writes)],
		sockets: [...sockets, ...inner.flatMap(places => places.sockets)],
	};
}
