// Ends with one line under a Node that is too old, before anything is loaded that it cannot read. For what is typed before
// the program is built; the program itself says the same (bin/run.cjs).
'use strict'
const wanted = require('../package.json').engines.node.replace('>=', '')
const [major, minor] = process.versions.node.split('.').map(Number)
const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)

if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  process.stderr.write(`homelab needs Node ${wanted} or newer, and this is ${process.versions.node}, ${process.execPath}\n`)
  process.stderr.write('Install a newer one, Debian 12 for example: sudo npm install --global node@24\n')
  process.exit(78)
}
