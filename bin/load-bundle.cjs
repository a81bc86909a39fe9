// Loads a bundle of dist/ as `require` would, but with the bytecode that the build kept for this version of V8.
'use strict'
const fs = require('node:fs')
const Module = require('node:module')
const path = require('node:path')
const vm = require('node:vm')

/** The bytecode is good for one version of V8 only; another one compiles the source as usual. */
const cacheFile = (bundle) => `${bundle}.${process.versions.v8}.cache`

/** Large libraries are bundles of their own, so that a command which needs none of them does not even read them. */
function loadBundle(dist, name, loaded) {
  const filename = path.join(dist, `${name}.cjs`)
  const known = require.cache[filename]
  if (known !== undefined) return known.exports
  // The build writes ASCII only, and reading it as such is the fastest way.
  const source = Module.wrap(fs.readFileSync(filename, 'latin1'))
  const script = new vm.Script(source, {filename, cachedData: read(cacheFile(filename))})
  const bundle = new Module(filename)
  // oclif loads its commands from the main bundle: it gets this very module.
  require.cache[filename] = bundle
  const requireHere = Module.createRequire(filename)
  const requireAny = Object.assign((id) => (id.startsWith('./vendor/') ? loadBundle(dist, id.slice(2), loaded) : requireHere(id)), {
    resolve: requireHere.resolve,
    cache: requireHere.cache,
  })
  script.runInThisContext().call(bundle.exports, bundle.exports, requireAny, bundle, filename, dist)
  bundle.loaded = true
  if (loaded !== undefined) loaded(filename, script)
  return bundle.exports
}

function read(file) {
  try {
    return fs.readFileSync(file)
  } catch {
    return undefined
  }
}

module.exports = {loadBundle, cacheFile}
