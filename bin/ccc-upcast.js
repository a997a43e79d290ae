#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error: ccc-upcast needs Node 20.19 or newer; this is Node ${process.versions.node}\n`);
  process.exit(1);
}
// One file instead of the hundreds that make it up: they take longer to load than a small conversion.
import('../dist/program/main.js');
