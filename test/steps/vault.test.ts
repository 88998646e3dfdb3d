import test from 'ava';
import {answersSchema} from '../../source/answers.ts';
import type {SecretsFacts} from '../../source/engine/facts.ts';
import type {Resource} from '../../source/engine/types.ts';
import {secretsStep} from '../../steps/secrets/index.ts';
import {emptyHost} from '../empty-host.ts';
import {facts} from './ssh-facts.ts';

/** Secrets from OpenBao or Vault: the agent's files from answers, and no answer that means anything else in them. */

const vault = {address: 'https://vault.example.com:8200', roleId: '1b2c-3d4e', environment: {STRIPE_KEY: 'secret/data/shop#stripe_key', MAIL_PASSWORD: 'kv/shop#mail'}};
const answers = (more: object = {}) => answersSchema.parse({app: {name: 'shop'}, secrets: {vault: {...vault, ...more}}});
const server = (secrets: Partial<SecretsFacts> = {}) => facts({secrets: {sealing: {possible: true, by: 'host'}, apps: {shop: {plain: [], sealed: []}}, secretIds: ['shop'], agent: '/usr/local/bin/bao', inCode: [], ...secrets}});
const contentOf = (list: readonly Resource[], name: string) => (list.find(entry => entry.name === name)?.desired as {content?: string} | undefined)?.content ?? '';

test('the agent logs in by AppRole, and writes each secret to where the app reads them', t => {
	const list = secretsStep.resources(server(), answers({caFile: '/etc/ssl/mine.pem'}));
	const config = contentOf(list, '/etc/harden/shop/vault/agent.hcl');
	t.regex(config, /^ {2}address = "https:\/\/vault\.example\.com:8200"\n {2}ca_cert = "\/etc\/ssl\/mine\.pem"$/m);
	t.regex(config, /role_id_file_path = "\/etc\/harden\/shop\/vault\/role-id"\n +secret_id_file_path = "\/etc\/harden\/shop\/vault\/secret-id"/);
	t.regex(config, /destination = "\/etc\/harden\/shop\/credentials\/MAIL_PASSWORD"\n[^}]*contents = "\[\[ with secret \\"kv\/shop\\" \]\]\[\[ \.Data\.mail \]\]\[\[ end \]\]"/);
	t.regex(config, /destination = "\/etc\/harden\/shop\/credentials\/STRIPE_KEY"\n[^}]*contents = "\[\[ with secret \\"secret\/data\/shop\\" \]\]\[\[ \.Data\.data\.stripe_key \]\]\[\[ end \]\]"/);
	t.regex(contentOf(list, '/etc/systemd/system/shop-vault.service'), /^ExecStart=\/usr\/local\/bin\/bao agent -config=\/etc\/harden\/shop\/vault\/agent\.hcl$/m);
	t.deepEqual(list.filter(({type}) => type === 'log' || type === 'unit').map(({name}) => name), ['/etc/harden/shop/credentials/MAIL_PASSWORD', '/etc/harden/shop/credentials/STRIPE_KEY', 'shop-vault.service']);
	t.deepEqual(secretsStep.warnings!(server(), answers()), []);
	t.notRegex(contentOf(secretsStep.resources(server(), answers()), '/etc/harden/shop/vault/agent.hcl'), /ca_cert/);
});

test('without an agent, or its secret id, its files are made, it is not started, and its check is not run', async t => {
	for (const [missing, says] of [[{agent: undefined}, /No agent is on this server/], [{secretIds: []}, /put it into \/etc\/harden\/shop\/vault\/secret-id/]] as const) {
		const {agent, ...rest} = server(missing).secrets;
		const found = facts({secrets: {...rest, ...agent !== undefined && {agent}}});
		const list = secretsStep.resources(found, answers());
		t.true(contentOf(list, '/etc/harden/shop/vault/agent.hcl').includes('approle'));
		t.deepEqual(list.filter(({type}) => type === 'unit' || type === 'log'), []);
		t.regex(secretsStep.warnings!(found, answers()).join('\n'), says);
		const check = secretsStep.checks(found, answers()).find(({id}) => id === 'secrets.vault');
		const verdict = await check!.verify({...emptyHost, async run() {
			throw new Error('nothing is asked');
		}});
		t.is(verdict.status, 'not-run');
		t.regex(verdict.evidence, says);
	}
});

for (const hostile of [
	{address: 'http://vault.example.com'}, {address: 'https://x"\n'}, {address: 'https://x/%{if}'}, {address: 'https://x:99999999'}, {address: 'https://me:pass@x'}, {address: 'https://'}, {address: String.raw`https://x\"`},
	{roleId: 'a"b'}, {roleId: ''}, {roleId: 'a\nb'}, {roleId: '%{if}'},
	{mount: 'approle"'}, {mount: 'auth/../sys'}, {mount: 'auth/a b'}, {caFile: '/x"y'}, {caFile: 'x'},
	{environment: {KEY: 'secret/data/shop'}}, {environment: {KEY: 'secret/"#x'}}, {environment: {KEY: 'secret/a#x y'}}, {environment: {KEY: 'secret/../sys/raw#x'}}, {environment: {KEY: 'secret/a#x ]]'}}, {environment: {KEY: 'secret/{{a}}#x'}}, {environment: {KEY: 'secret/a#1x'}}, {environment: {KEY: '/secret/a#x'}}, {environment: {'../KEY': 'secret/a#x'}},
]) {
	test(`refused: ${JSON.stringify(hostile)}`, t => {
		t.false(answersSchema.safeParse({app: {name: 'shop'}, secrets: {vault: {...vault, ...hostile}}}).success);
	});
}

test('a variable has one source', t => {
	t.false(answersSchema.safeParse({secrets: {environment: {STRIPE_KEY: 'generate'}, vault}}).success);
});
