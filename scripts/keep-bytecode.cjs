// Part of the build: runs a short command and loads every vendored bundle, so that V8 has compiled what they need, and
// keeps the result.
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const {cacheFile, loadBundle} = require('../bin/load-bundle.cjs')

const root = path.dirname(__dirname)
const dist = path.join(root, 'dist')
const scripts = new Map()
const keep = (file, script) => scripts.set(file, script)

const bundle = loadBundle(dist, 'homelab', keep)
for (const file of fs.readdirSync(path.join(dist, 'vendor'))) loadBundle(dist, `vendor/${path.basename(file, '.cjs')}`, keep)
bundle.main(['stack', 'list', '--home', root], root).then(() => {
  for (const [file, script] of scripts) fs.writeFileSync(cacheFile(file), script.createCachedData())
})
