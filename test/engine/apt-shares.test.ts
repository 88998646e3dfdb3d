import test from 'ava';
import type {Installation} from '../../source/engine/apt.ts';
import {parseDependencies, sharesOf} from '../../source/engine/apt-shares.ts';

const output = `web
 |Depends: debconf
  Depends: <debconf-2.0>
    cdebconf
    debconf
  PreDepends: libc
  Depends: web-common
debconf
web-common
  Depends: <mail>
    big-mail
    small-mail
libc
big-mail
  Depends: libmail
small-mail
jail
 |Depends: new-python
  Depends: python
  Depends: libjail
libjail
  Depends: python
python
new-python
libmail
`;

const dependencies = parseDependencies(output);
const here = new Set(['debconf', 'libc']);

function whole(...names: readonly string[]): Installation {
	return {
		actions: names.map(name => ({action: 'install', name, from: '', to: '1', security: false})),
		about: new Map(names.map(name => [name, {version: '1', size: 5}])),
	};
}

function shares(installation: Installation, ...groups: ReadonlyArray<readonly string[]>) {
	return sharesOf(installation, groups, dependencies, name => here.has(name)).map(share => share?.actions.map(({name}) => name));
}

test('what apt-cache says of dependencies: alternatives, names without a package, providers', t => {
	t.deepEqual(dependencies.get('web'), [[['debconf'], ['cdebconf', 'debconf']], [['libc']], [['web-common']]]);
	t.deepEqual(dependencies.get('web-common'), [[['big-mail', 'small-mail']]]);
	t.deepEqual(dependencies.get('jail'), [[['new-python'], ['python']], [['libjail']]]);
	t.deepEqual(dependencies.get('python'), []);
	t.deepEqual([...parseDependencies('')], []);
});

test('each has all that it needs of what comes, and what several need is with each', t => {
	t.deepEqual(shares(whole('web', 'web-common', 'big-mail', 'libmail', 'jail', 'libjail', 'new-python', 'python'), ['web'], ['jail']), [
		['web', 'web-common', 'big-mail', 'libmail'],
		['jail', 'libjail', 'new-python', 'python'],
	]);
	t.deepEqual(shares(whole('libjail', 'python', 'new-python', 'jail'), ['libjail'], ['jail']), [['libjail', 'python'], ['libjail', 'python', 'new-python', 'jail']]);
	t.deepEqual([...sharesOf(whole('libjail', 'python', 'web'), [['libjail'], ['web']], dependencies, name => here.has(name))[0]!.about.keys()], ['libjail', 'python'], 'versions and sizes come along');
});

test('what is here already, and what would not come, is nobody\'s', t => {
	t.deepEqual(shares(whole('web', 'web-common', 'big-mail', 'libmail'), ['web', 'libc'], ['debconf']), [['web', 'web-common', 'big-mail', 'libmail'], []]);
});

test('where apt alone can tell, nothing is guessed', t => {
	t.deepEqual(shares(whole('web', 'web-common', 'big-mail', 'libmail', 'small-mail'), ['web'], ['small-mail']), [undefined, ['small-mail']], 'two would do');
	t.deepEqual(shares(whole('jail', 'python'), ['jail'], ['python']), [undefined, ['python']], 'the second would do, and comes for somebody else');
	t.deepEqual(shares(whole('jail', 'libjail', 'python'), ['jail'], ['libjail']), [undefined, ['libjail', 'python']], 'by itself, apt might not meet it in that order');
});

test('no share is told where something would go, or would come for no known reason', t => {
	t.deepEqual(shares(whole('libmail', 'python'), ['libmail']), [undefined]);
	const going: Installation = {actions: [...whole('libmail').actions, {action: 'remove', name: 'old-mail', from: '1', to: '', security: false}], about: new Map()};
	t.deepEqual(shares(going, ['libmail']), [undefined]);
});
