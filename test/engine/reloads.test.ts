import test from 'ava';
import {reloadsOf} from '../../source/engine/apply.ts';
import type {Change, Reload} from '../../source/engine/types.ts';

const file = (name: string, reload: Reload): Change => ({type: 'file', name, before: null, desired: null, why: '', reload});
const unit = (name: string, from: boolean, to: boolean): Change => ({
	type: 'unit', name, why: '',
	before: {enabled: from, active: from, masked: false},
	desired: {enabled: to, active: to, masked: false},
});
const reload: Reload = {unit: 'web.service', action: 'reload'};
const restart: Reload = {unit: 'web.service', action: 'restart'};

test('each once; a restart does all that a reload does', t => {
	t.deepEqual(reloadsOf([file('/a', reload), file('/b', reload)]), [reload]);
	t.deepEqual(reloadsOf([file('/a', reload), file('/b', restart)]), [restart]);
});

test('what was started after the last change has taken all of them up', t => {
	t.deepEqual(reloadsOf([file('/a', restart), unit('web.service', false, true)]), []);
	t.deepEqual(reloadsOf([unit('web.service', false, true), file('/a', restart)]), [restart]);
	t.deepEqual(reloadsOf([file('/a', restart), unit('web.service', true, true)]), [restart]);
	t.deepEqual(reloadsOf([file('/a', restart), unit('web.service', true, false)]), [restart]);
	t.deepEqual(reloadsOf([file('/a', restart), unit('other.service', false, true)]), [restart]);
});
