/** Runs on the server, bundled: prints what the facts say of its units. */
import {collectUnits} from '../../source/host/facts/units.ts';
import {machine} from '../../source/host/host.ts';

console.log(JSON.stringify(await collectUnits(machine)));
