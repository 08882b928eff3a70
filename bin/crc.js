#!/usr/bin/env node
// CommonJS, by the package.json next to it: Node starts it faster than an ES module (docs/architecture.md).
const { join } = require('node:path');
const { requireCompiled } = require('./compiled.js');

/** @type {typeof import('../src/cli.ts')} */
const { run } = requireCompiled(join(__dirname, '../dist/cli.cjs'));

// What a run ends with whose promise is never settled: to end with 0 would be to say that all is well.
process.exitCode = 1;
run(process.argv).then((code) => {
  process.exitCode = code;
});
