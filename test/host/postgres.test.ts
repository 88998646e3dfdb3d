import test from 'ava';
import {databaseUrl, parseDatabaseName, parseDatabaseUrl, parseLoginName} from '../../source/engine/postgres.ts';
import {parseCandidate, parseClusters} from '../../source/host/facts/postgres.ts';
import {identifier, literal} from '../../source/host/postgres/psql.ts';
import {isPasswordOf, newPassword, verifierOf} from '../../source/host/postgres/scram.ts';
import {parseBlock, withBlock} from '../../source/host/providers/block.ts';
import {parseNames} from '../../source/host/providers/own-certificate.ts';

test('SCRAM verifiers are PostgreSQL\'s own', t => {
	// RFC 7677's own example.
	const verifier = verifierOf('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
	t.is(verifier, 'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=');
	t.true(isPasswordOf('pencil', verifier));
	t.false(isPasswordOf('pencils', verifier));
	t.false(isPasswordOf('pencil', 'md5b18d0f4ab6f3d4e1ea3c4fd1b4a0e1c1'));
	t.false(isPasswordOf('pencil', ''));
	t.regex(newPassword(), /^[\w-]{43}$/);
	t.not(newPassword(), newPassword());
});

test('DATABASE_URL goes there and back, and anybody else\'s is not ours', t => {
	const url = {user: 'shop_a', password: 'x_-9', database: 'shop', port: 5432};
	t.is(databaseUrl(url), 'postgresql://shop_a:x_-9@/shop?host=/var/run/postgresql');
	t.deepEqual(parseDatabaseUrl(databaseUrl(url)), url);
	t.deepEqual(parseDatabaseUrl(databaseUrl({...url, port: 5433})), {...url, port: 5433});
	t.is(parseDatabaseUrl('postgresql://shop_a:x@db.example.com/shop'), undefined);
	t.is(parseDatabaseUrl(''), undefined);
});

test('names of databases and logins', t => {
	t.deepEqual(parseDatabaseName('17/main/shop'), {cluster: {version: '17', name: 'main'}, name: 'shop'});
	t.like(parseLoginName('/etc/harden/shop 17/main/shop'), {file: '/etc/harden/shop/credentials/DATABASE_URL', previous: '/etc/harden/shop/DATABASE_URL.previous', role: 'shop'});
	for (const wrong of ['17/main', '17/main/a;b', '17/main/"a"']) {
		t.throws(() => parseDatabaseName(wrong));
	}

	t.throws(() => parseLoginName('/etc/../root 17/main/shop'));
	t.throws(() => parseLoginName('etc 17/main/shop'));
});

test('SQL takes no more than a name for a name, and a text for a text', t => {
	t.is(identifier('shop_a'), '"shop_a"');
	t.throws(() => identifier('a"; DROP ROLE x; --'));
	t.is(literal('it\'s'), '\'it\'\'s\'');
	t.throws(() => literal(String.raw`\'`));
});

test('pg_lsclusters and apt-cache', t => {
	t.deepEqual(parseClusters('17 main 5432 online postgres /var/lib/postgresql/17/main /var/log/x.log\n15 old 5433 down postgres /d /l\n9.6 rep 5434 online,recovery postgres /d /l\nWarning: nonsense\n'), [
		{version: '17', name: 'main', port: 5432, running: true},
		{version: '15', name: 'old', port: 5433, running: false},
		{version: '9.6', name: 'rep', port: 5434, running: true},
	]);
	t.is(parseCandidate('postgresql:\n  Installed: (none)\n  Candidate: 17+278+deb13u1\n'), '17');
	t.is(parseCandidate('postgresql:\n  Candidate: (none)\n'), undefined);
	t.is(parseCandidate(''), undefined);
});

const files = ['', '# only comments\n', 'local all all peer\n', '# head\n\n  # more\n\tlocal all all peer\nhost all all all md5\n', '# no end', 'local x y peer'];
for (const text of files) {
	test(`a block goes into ${JSON.stringify(text)} and out again`, t => {
		const lines = ['local "shop" "shop_a" scram-sha-256', '# and more'];
		const written = withBlock(text, {lines});
		t.deepEqual(parseBlock(written).lines, lines);
		t.is(withBlock(written, {lines}), written);
		t.deepEqual(parseBlock(withBlock(written, {lines: ['other']})).lines, ['other']);
		t.is(withBlock(written, null), text.endsWith('# no end') ? `${text}\n` : text);
		t.is(withBlock(text, null), text);
		const first = text.split('\n').find(line => /^\s*[^\s#]/.test(line));
		t.true(first === undefined || written.indexOf(lines[0]!) < written.indexOf(first), 'ahead of the first line that says anything');
	});
}

test('the names of a certificate', t => {
	t.deepEqual(parseNames('DNS:VPS, IP Address:203.0.113.10, IP Address:2001:DB8:0:0:0:0:0:1'), ['vps', '203.0.113.10', '2001:db8:0:0:0:0:0:1']);
	t.deepEqual(parseNames(undefined), []);
});
