import test from 'ava';
import {reloadsOf} from '../../source/engine/reloads.ts';
import type {Change, Reload} from '../../source/engine/types.ts';

const file = (name: string, reload: Reload): Change => ({type: 'file', name, before: null, desired: null, why: '', reload});
const unit = (name: string, from: boolean, to: boolean): Change => ({
	type: 'unit', name, why: '',
	before: {enabled: from, active: from, masked: false},
	desired: {enabled: to, active: to, masked: false},
});
const reload: Reload = {unit: 'web.service', action: 'reload'};
const restart: Reload = {unit: 'web.service', action: 'restart'};

const servicesOf = (changes: readonly Change[]) => reloadsOf(changes).services;

test('each once; a restart does all that a reload does', t => {
	t.deepEqual(servicesOf([file('/a', reload), file('/b', reload)]), [reload]);
	t.deepEqual(servicesOf([file('/a', reload), file('/b', restart)]), [restart]);
});

test('what was started after the last change has taken all of them up', t => {
	t.deepEqual(servicesOf([file('/a', restart), unit('web.service', false, true)]), []);
	t.deepEqual(servicesOf([unit('web.service', false, true), file('/a', restart)]), [restart]);
	t.deepEqual(servicesOf([file('/a', restart), unit('web.service', true, true)]), [restart]);
	t.deepEqual(servicesOf([file('/a', restart), unit('web.service', true, false)]), [restart]);
	t.deepEqual(servicesOf([file('/a', restart), unit('other.service', false, true)]), [restart]);
});

test('systemd reads its files anew ahead of a service, and only where one of them was changed', t => {
	t.false(reloadsOf([file('/etc/ssh/sshd_config', reload)]).units);
	t.true(reloadsOf([file('/etc/systemd/system/web.service.d/10-limits.conf', restart)]).units);
	t.true(reloadsOf([file('/etc/web.conf', restart), {type: 'file', name: '/etc/systemd/system/other.service', before: null, desired: null, why: ''}]).units);
	t.true(reloadsOf([{type: 'sandbox', name: 'shop', before: null, desired: null, why: '', reload: restart}]).units);
	t.false(reloadsOf([file('/etc/systemd/system/web.service', restart), unit('web.service', false, true)]).units);
});
