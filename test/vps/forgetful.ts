/** For vps.test.ts: boots a server, says who it is and where it put things, and waits to be killed. */
import {belongings, owner} from './owner.ts';
import {boot} from './server.ts';

const server = await boot({release: 'trixie', node: 'none'});
await server.network.attacker();
console.log(JSON.stringify({owner, belongings: await belongings()}));
setInterval(() => {
	// Never ends by itself.
}, 1000);
