import test from 'ava';
import {parseRefusals} from '../../source/engine/apparmor-log.ts';

/** As Debian 13's kernel and auditd write them. */
const log = String.raw`
type=AVC msg=audit(1795601145.387:330): apparmor="ALLOWED" operation="open" class="file" profile="harden.shop" name="/run/credentials/shop.service/" pid=993 comm="python" requested_mask="r" denied_mask="r" fsuid=995 ouid=0FSUID="shop" OUID="root"
audit: type=1400 audit(1795601145.387:330): apparmor="ALLOWED" operation="open" class="file" profile="harden.shop" name="/run/credentials/shop.service/" pid=993 comm="python" requested_mask="r" denied_mask="r" fsuid=995 ouid=0
type=AVC msg=audit(1795601146.167:332): apparmor="ALLOWED" operation="signal" class="signal" profile="harden-nginx" pid=1002 comm="start-stop-daem" requested_mask="send" denied_mask="send" signal=quit peer="unconfined"
type=AVC msg=audit(1795601147.000:333): apparmor="DENIED" operation="capable" class="cap" profile="harden.shop" pid=1 comm="python" capability=21  capname="sys_admin"
type=AVC msg=audit(1795601148.000:334): apparmor="DENIED" operation="create" class="net" profile="harden.shop" pid=1 comm="python" family="packet" sock_type="raw" protocol=768 requested="create" denied="create"
type=AVC msg=audit(1795601149.000:335): apparmor="ALLOWED" operation="exec" class="file" profile="harden.shop" name="/usr/bin/id" pid=1 comm="sh" requested_mask="x" denied_mask="x" fsuid=0 ouid=0 target="harden.shop//null-/usr/bin/id"
type=AVC msg=audit(1795601150.000:336): apparmor="ALLOWED" operation="open" class="file" profile="harden.shop//null-/usr/bin/id" name=2F7372762F612062 pid=1 comm="id" requested_mask="wc" denied_mask="wc" fsuid=0 ouid=0
type=AVC msg=audit(1795601151.000:337): apparmor="ALLOWED" operation="open" class="file" profile="harden.shop2" name="/x" pid=1 comm="python" requested_mask="r" denied_mask="r" fsuid=0 ouid=0
audit: type=1400 audit(1795600947.083:7): apparmor="STATUS" operation="profile_load" profile="unconfined" name="harden.shop" pid=310 comm="apparmor_parser"
`;

test('each record once, of this profile and its children and no other', t => {
	t.deepEqual(parseRefusals(log, 'harden.shop').map(({when, what}) => [when, what]), [
		[1_795_601_145, 'read /run/credentials/shop.service/'],
		[1_795_601_147, 'capability sys_admin'],
		[1_795_601_148, 'create packet raw'],
		[1_795_601_149, 'run /usr/bin/id'],
		[1_795_601_150, 'write, make /srv/a b'],
	]);
	t.deepEqual(parseRefusals(log, 'harden-nginx').map(({what}) => what), ['signal quit to unconfined']);
	t.deepEqual(parseRefusals('', 'harden.shop'), []);
});
