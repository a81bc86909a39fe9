// Bundles src/ into dist/homelab.cjs, writes oclif's manifest, and keeps V8's bytecode of a warm run.
import {spawnSync} from 'node:child_process'
import {mkdir, rm, writeFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const dist = path.join(root, 'dist')

/** Loaded only where they are needed, and only by `await import(…)`. */
const VENDORED = ['chalk', 'dockerode', 'execa', 'listr2', 'yaml', 'zod']

const empty = (filter) => ({
  name: 'empty',
  setup(esbuild) {
    esbuild.onResolve({filter}, ({path: name}) => ({path: name, namespace: 'empty'}))
    esbuild.onLoad({filter: /.*/, namespace: 'empty'}, () => ({contents: 'module.exports = {}'}))
  },
})

/** Our own code asks for a vendored library by the name of its bundle; bin/load-bundle.cjs finds it. */
const vendored = {
  name: 'vendored',
  setup(esbuild) {
    esbuild.onResolve({filter: new RegExp(`^(${VENDORED.join('|')})$`)}, ({path: name}) => ({path: `./vendor/${name}`, external: true}))
  },
}

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  supported: {'dynamic-import': false},
  minify: true,
  keepNames: false,
  legalComments: 'none',
  logLevel: 'warning',
  logOverride: {'require-resolve-not-external': 'silent'},
  define: {'import.meta.url': 'importMetaUrl'},
  banner: {js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;'},
}

await rm(dist, {recursive: true, force: true})
await mkdir(dist)
await build({
  ...common,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/homelab.cjs',
  external: ['typescript'],
  // oclif needs these to look for commands in folders and for an rc file; ours are in a table and a manifest.
  plugins: [vendored, empty(/^(tinyglobby|lilconfig)$/)],
})
await build({
  ...common,
  entryPoints: VENDORED,
  outdir: 'dist/vendor',
  outExtension: {'.js': '.cjs'},
  // dockerode's ssh and BuildKit clients are most of its size, and we use neither: ssh:// goes through the docker CLI.
  // zod's messages in fifty languages are half of it; English does not come through this index.
  plugins: [empty(/^(ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)/), empty(/\/locales\/index\.js$/)],
})

// oclif would read the manifest of the last build, whatever it is told; and it finds the bundle that is loaded already,
// as bin/run.cjs does it.
const manifest = path.join(root, 'oclif.manifest.json')
await rm(manifest, {force: true})
const require = createRequire(import.meta.url)
require('../bin/load-bundle.cjs').loadBundle(dist, 'homelab')
const {Config} = require('@oclif/core')
const config = await Config.load({root})
const [plugin] = [...config.plugins.values()].filter(({isRoot}) => isRoot)
await writeFile(manifest, JSON.stringify(plugin.manifest))

const warmed = spawnSync(process.execPath, [path.join(root, 'scripts', 'keep-bytecode.cjs')], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
})
if (warmed.status !== 0) throw new Error('the bytecode could not be kept')
