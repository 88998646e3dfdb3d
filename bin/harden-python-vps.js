#!/usr/bin/env node
/* Old syntax on purpose: this file has to run, and to be kind, on any Node. */
'use strict';
var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);
if (major < 20 || (major === 20 && minor < 19)) {
	console.error('harden-python-vps needs Node.js 20.19 or newer; this is ' + process.versions.node + '.');
	console.error('On Debian 13: apt-get install --no-install-recommends nodejs');
	console.error('On others: see "Node on the server" in the README, https://www.npmjs.com/package/harden-python-vps');
	process.exitCode = 2;
} else {
	import('../dist/harden-python-vps.mjs');
}
