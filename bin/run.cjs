#!/usr/bin/env node
// Entry only. CommonJS, because that and V8's cached bytecode are what make a short command short; see
// docs/decisions/0002-one-bundle.md. The version is answered before anything else is loaded.
'use strict'
const path = require('node:path')

const root = path.dirname(__dirname)
const argv = process.argv.slice(2)
const wanted = require('../package.json').engines.node.replace('>=', '')
const [major, minor] = process.versions.node.split('.').map(Number)
const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)

// Before anything is loaded that an old Node cannot even read. 78, as systemd does not restart on it.
if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  process.stderr.write(`homelab needs Node ${wanted} or newer, and this is ${process.versions.node}, ${process.execPath}\n`)
  process.exitCode = 78
} else if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
  const {name, version} = require('../package.json')
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  const {loadBundle} = require('./load-bundle.cjs')
  void loadBundle(path.join(root, 'dist'), 'homelab').main(argv, root)
}
