// The rules that need types are in .oxlintrc.json: that linter knows them from a compiler eight times as fast.
import comments from '@eslint-community/eslint-plugin-eslint-comments/configs'
import path from 'node:path'
import {defineConfig} from 'eslint/config'
import tseslint from 'typescript-eslint'

/** The rooms of src/lib in their order (docs/decisions/0001): a file imports from its own room and those before it, types too. */
const ROOMS =
  'util model config storage journal docker notify stack backup cascade update vpn health doctor systemd watch ui cli commands main'.split(
    ' ',
  )

/** A library belongs to one room; the others speak to that room. */
const OWNED = {dockerode: 'docker', execa: 'docker', chalk: 'ui', listr2: 'ui'}

/** What is loaded late is decided here, and by commands. */
const LOADS_LATE = ['config', 'docker', 'ui', 'cli', 'main']

/** These decide: they ask nobody and touch nothing. */
const PURE =
  /\/(model\/|stack\/(plan-|reconcile|stages|dependents|select|neighbours)|cascade\/(decide|diagnose|stages|limits|progress|result)|update\/(plan|due|window|evaluate|policy|overview|queue\/(identify|outcome))|vpn\/(traffic\.|portless|reconnects|\w+-findings)|health\/(automation|media))/
const WORLDLY = /^node:(?!path$)|\/(docker|storage|journal)\//

const roomOf = (file) => {
  const [, inside] = /\/src\/(.+)$/.exec(file) ?? []
  if (inside === undefined) return undefined
  const [first, room, ...rest] = inside.split('/')
  return first === 'lib' ? (rest.length > 0 ? room : 'no room') : first === 'commands' ? first : 'main'
}

const house = {
  create(context) {
    const own = roomOf(context.filename)
    const check = (node, source, typesOnly) => {
      if (typeof source !== 'string') return
      const report = (message) => context.report({node, message})
      const owner = OWNED[source]
      if (owner !== undefined && owner !== own) report(`Only ${owner} imports ${source}.`)
      if (PURE.test(context.filename) && WORLDLY.test(source) && !typesOnly) report(`This file decides: it may not import ${source}.`)
      if (!source.startsWith('.')) return
      const room = roomOf(path.resolve(path.dirname(context.filename), source))
      if (room !== undefined && ROOMS.indexOf(room) > ROOMS.indexOf(own))
        report(`${own} comes before ${room}: see "The order of rooms" in docs/decisions/0001.`)
    }
    return {
      Program: (node) => own === 'no room' && context.report({node, message: 'A file of src/lib belongs to a room.'}),
      ImportDeclaration: (node) =>
        check(node, node.source.value, node.importKind === 'type' || node.specifiers.every(({importKind}) => importKind === 'type')),
      ExportNamedDeclaration: (node) => node.source && check(node, node.source.value, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === 'type'),
      TSImportType: (node) => check(node, node.source?.value ?? node.argument?.literal?.value, true),
      ImportExpression: (node) => {
        check(node, node.source.value, false)
        if (!LOADS_LATE.includes(own) && own !== 'commands')
          context.report({node, message: `What is loaded late is decided by ${LOADS_LATE.join(', ')} and commands.`})
      },
    }
  },
}

const SHAPE = {
  'max-lines-per-function': ['error', {max: 40, skipBlankLines: true, skipComments: true}],
  'max-lines': ['error', {max: 200, skipBlankLines: true, skipComments: true}],
  complexity: ['error', 10],
}

export default defineConfig(
  {ignores: ['dist/', '.lab/', 'node_modules/', 'bin/', 'scripts/*.cjs']},
  {linterOptions: {reportUnusedDisableDirectives: 'error'}},
  comments.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strict],
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', {fixStyle: 'separate-type-imports'}],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_'}],
    },
  },
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@eslint-community/eslint-comments/require-description': 'error',
    },
  },
  {files: ['src/**/*.ts'], rules: SHAPE},
  {
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts', 'src/lib/cli/base-command.ts', 'src/lib/config/**'],
    rules: {
      'no-restricted-properties': ['error', {object: 'process', property: 'env', message: 'Take the Environment that is handed down.'}],
    },
  },
  {files: ['src/**/*.ts'], plugins: {homelab: {rules: {house}}}, rules: {'homelab/house': 'error'}},
  {files: ['test/**', 'scripts/**'], rules: {'no-console': 'off'}},
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that finds nothing fails loudly enough.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
