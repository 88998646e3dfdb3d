import test from 'ava';
import {isCloudLock, isUsable, keyLine, keyName, parseAuthorizedKeys, parseKeyLine, restriction, splitOptions, uniqueKeys, unlocked, weakness} from '../../source/engine/authorized-key.ts';
import {keyPaths, isWritableByOthers, onlyOwnerWrites} from '../../source/engine/key-file.ts';
import {keyList, readPastedKeys} from '../../source/engine/pasted-keys.ts';
import {parsePublicKey} from '../../source/engine/public-key.ts';
import type {AuthorizedKey} from '../../source/engine/facts.ts';
import {samples} from './sample-keys.ts';

const {ed25519, ed25519sk, rsa2048, rsa3072, ecdsa256, dsa, certificate} = samples;
const cloudLock = String.raw`no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo 'Please login as the user \"debian\" rather than the user \"root\".';echo;sleep 10;exit 142"`;

function keyOf(line: string): AuthorizedKey {
	const parsed = parseKeyLine(line);
	if (parsed.kind !== 'key') {
		throw new Error(`${parsed.kind}: ${line}`);
	}

	return parsed.key;
}

test('a certificate is read as one', t => {
	t.is(parseKeyLine(samples.certificate.line).kind, 'certificate');
});

for (const [name, {line, bits, fingerprint}] of Object.entries(samples).filter(([kind]) => kind !== 'certificate')) {
	test(`${name} is read as ssh-keygen reads it`, t => {
		const key = keyOf(line);
		t.is(key.bits, bits);
		t.is(key.fingerprint, fingerprint);
		t.deepEqual(key.options, []);
		t.is(keyLine(key), line);
	});
}

test('names are what people say', t => {
	t.deepEqual([ed25519, ed25519sk, rsa2048, ecdsa256, dsa].map(({line}) => keyName(keyOf(line))), ['ED25519', 'ED25519-SK', 'RSA 2048', 'ECDSA 256', 'DSA 1024']);
});

for (const [options, expected] of [
	['no-pty', ['no-pty']],
	['from="10.0.0.0/8,192.0.2.1",no-pty', ['from="10.0.0.0/8,192.0.2.1"', 'no-pty']],
	['command="echo a, b",restrict', ['command="echo a, b"', 'restrict']],
	[String.raw`command="say \"hi there\", ok"`, [String.raw`command="say \"hi there\", ok"`]],
] as const) {
	test(`options before the type: ${options}`, t => {
		t.deepEqual(splitOptions(`${options} rest`)?.options, expected);
		t.deepEqual(keyOf(`${options} ${ed25519.line}`).options, expected);
		t.deepEqual(keyOf(`${options} \t ${ed25519.line}`).options, expected);
		t.is(keyLine(keyOf(`${options} ${ed25519.line}`)), `${options} ${ed25519.line}`);
	});
}

const [type, blob] = ed25519.line.split(' ') as [string, string];
for (const [what, line] of [
	['a cut blob', `${type} ${blob.slice(0, -4)}`],
	['a blob with more behind it', `${type} ${blob.slice(0, -2)}AAAA`],
	['a blob of another type', `ssh-rsa ${blob}`],
	['no blob', type],
	['a quote that does not end', `command="x ${ed25519.line}`],
	['an unknown type', `ssh-foo ${blob}`],
	['text', 'hello there'],
	['a control character in the options', `command="a\u0007b" ${ed25519.line}`],
] as const) {
	test(`no key: ${what}`, t => {
		t.is(parseKeyLine(line).kind, 'unknown');
	});
}

test('a blob is judged to its last byte', t => {
	t.is(parsePublicKey('ssh-ed25519', 'AAAA'), undefined);
	t.is(parsePublicKey('ssh-ed25519', '/////w=='), undefined);
	t.is(parsePublicKey('constructor', blob), undefined);
});

test('comments, blank lines, Windows line ends and an authority\'s line', t => {
	const text = `# mine\r\n\r\n${ed25519.line}\r\nnonsense\ncert-authority ${rsa3072.line}\n   ${ecdsa256.line}\n`;
	t.deepEqual(parseAuthorizedKeys(text).map(({bits}) => bits), [256, 256]);
	t.is(parseKeyLine(`cert-authority,principals="a" ${rsa3072.line}`).kind, 'certificate');
});

test('a comment loses what could not be shown', t => {
	t.is(keyOf(`${ed25519.line}\u001B[2J  x\u200B`).comment, 'me@laptop[2J x');
});

test('weak keys are told apart', t => {
	t.regex(weakness(keyOf(dsa.line))!, /DSA/);
	t.regex(weakness(keyOf(rsa2048.line))!, /2048/);
	for (const {line} of [rsa3072, ed25519, ecdsa256, ed25519sk]) {
		t.is(weakness(keyOf(line)), undefined);
	}
});

test('a cloud image\'s lock is understood, another forced command stays', t => {
	const locked = keyOf(`${cloudLock} ${ed25519.line}`);
	t.true(isCloudLock(locked));
	t.false(isUsable(locked));
	t.is(keyLine(unlocked(locked)), ed25519.line);
	const backup = keyOf(`command="rsync --server",no-pty ${ed25519.line}`);
	t.regex(restriction(unlocked(backup))!, /rsync --server/);
	t.deepEqual(unlocked(keyOf(`from="10.0.0.1",${cloudLock} ${ed25519.line}`)).options, ['from="10.0.0.1"']);
});

for (const [options, usable] of [['from="10.0.0.0/8"', true], ['no-port-forwarding', true], ['restrict', false], ['no-pty', false], ['NO-PTY', false], ['expiry-time="20300101"', false]] as const) {
	test(`${options}: ${usable ? 'an admin can come in with it' : 'no way in for an admin'}`, t => {
		t.is(isUsable(keyOf(`${options} ${ed25519.line}`)), usable);
	});
}

test('a key counts once', t => {
	t.is(uniqueKeys([keyOf(ed25519.line), keyOf(`${type} ${blob} other`), keyOf(ecdsa256.line)]).length, 2);
});

test('pasted keys: several, with blank lines and a lock', t => {
	const pasted = readPastedKeys(`\n${ed25519.line}\n${cloudLock} ${ecdsa256.line}\n${ed25519.line}\n`);
	t.is(pasted.objection, undefined);
	t.deepEqual(keyList(pasted), [ed25519.line, ecdsa256.line]);
	t.deepEqual(readPastedKeys('  \n'), {keys: []});
});

for (const [what, text, objection] of [
	['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY-----', /^STOP: this is a PRIVATE key/],
	['an old private key', '-----BEGIN RSA PRIVATE KEY-----', /PRIVATE/],
	['PuTTY\'s private file', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none', /PRIVATE/],
	['PuTTY\'s public form', '---- BEGIN SSH2 PUBLIC KEY ----\nComment: "x"\nAAAA\n---- END SSH2 PUBLIC KEY ----', /PuTTYgen.*ssh-keygen -i/],
	['PEM', '-----BEGIN PUBLIC KEY-----', /PKCS8/],
	['a fingerprint', ed25519.fingerprint, /fingerprint/],
	['an address', 'https://github.com/me.keys', /address/],
	['a file\'s name', '~/.ssh/id_ed25519.pub', /name of the file/],
	['a certificate', certificate.line, /certificate/],
	['a key that was broken up', ed25519.line.replace(blob, `${blob.slice(0, 30)}\n${blob.slice(30)}`), /Line 1 is not a public key/],
	['the rest of a key', `${ecdsa256.line}\n${blob.slice(30)}`, /Line 2 is a piece of a key/],
	['DSA', dsa.line, /DSA/],
	['RSA that is too short', rsa2048.line, /3072/],
	['a key that may not log in', `command="backup" ${ed25519.line}`, /only run one command/],
	['nonsense', 'yes please', /not a public key/],
] as const) {
	test(`pasted by mistake: ${what}`, t => {
		const pasted = readPastedKeys(text);
		t.regex(pasted.objection ?? '', objection);
		t.deepEqual(pasted.keys, []);
		t.notRegex(pasted.objection!, /b3Blbn/, 'what was pasted is not repeated');
	});
}

test('where sshd looks for keys', t => {
	const user = {name: 'deploy', uid: 1001, home: '/home/deploy'};
	t.deepEqual(keyPaths(['.ssh/authorized_keys', '%h/k', '/etc/keys/%u', '/k/%U%%', 'none'], user), ['/home/deploy/.ssh/authorized_keys', '/home/deploy/k', '/etc/keys/deploy', '/k/1001%']);
	t.deepEqual(keyPaths(['/k/%U'], {name: 'new', home: '/home/new'}), []);
});

test('who may write', t => {
	const place = (mode: number, group = 'deploy') => ({mode, owner: 'deploy', group});
	t.deepEqual([0o755, 0o775, 0o757, 0o4777].map(mode => isWritableByOthers(place(mode), 'deploy')), [false, false, true, true]);
	t.true(isWritableByOthers(place(0o775, 'users'), 'deploy'));
	t.deepEqual([0o777, 0o775, 0o755, 0o2770].map(mode => onlyOwnerWrites(mode)), [0o755, 0o755, 0o755, 0o2750]);
});
