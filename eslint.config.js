// The rules that need types are in .oxlintrc.json: that linter knows them from a compiler eight times as fast.
import comments from '@eslint-community/eslint-plugin-eslint-comments/configs'
import {defineConfig} from 'eslint/config'
import tseslint from 'typescript-eslint'

/** A library belongs to one folder; the others speak to that folder. */
const OWNED = {'src/lib/engine': ['dockerode', 'execa'], 'src/lib/ui': ['chalk', 'listr2']}

const ownedElsewhere = (folder) =>
  Object.entries(OWNED)
    .filter(([owner]) => owner !== folder)
    .flatMap(([owner, packages]) => packages.map((name) => ({owner, name})))

/**
 * Imports run one way (docs: design.md, "Imports run one way").
 * @param folder whose files are meant
 * @param files  the files themselves, as a pattern
 * @param allowed the start of a relative import that leaves the folder, as a pattern without its leading ../
 * @param typesOnly of what is allowed, what only types may be imported from
 */
function boundary({folder, files = `${folder}/*.ts`, up = '\\.\\./', allowed, typesOnly}) {
  const packages = ownedElsewhere(folder)
  return {
    files: [files],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: packages.map(({owner, name}) => ({name, message: `Only ${owner} imports ${name}.`})),
          patterns: [
            {regex: `^${up}(?!${allowed.join('|')})`, message: `${folder} may not know this part: see "Imports run one way".`},
            ...(typesOnly ? [{regex: `^${up}(${typesOnly.join('|')})`, allowTypeImports: true, message: 'Types only.'}] : []),
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        ...packages.map(({owner, name}) => ({
          selector: `ImportExpression[source.value="${name}"]`,
          message: `Only ${owner} imports ${name}.`,
        })),
        ...(typesOnly || folder === 'src/lib/config' || folder === 'src/lib/engine'
          ? []
          : [{selector: 'ImportExpression', message: 'What is loaded late is decided by commands and by the composition layer.'}]),
      ],
    },
  }
}

const NOTHING = ['(?!)']
const ENGINE_MAY = ['time/', 'model/', 'config/environment\\.js$', 'config/env-file\\.js$']

const WATCH_MAY = [
  'model/',
  'time/',
  'plan/',
  'apply/',
  'state/',
  'notify/',
  'engine/engine\\.js$',
  'config/schema\\.js$',
  'config/environment\\.js$',
]

const APPLY_MAY = ['model/', 'time/within\\.js$', 'plan/', 'state/', 'notify/', 'engine/engine\\.js$', 'config/schema\\.js$']

const BOUNDARIES = [
  boundary({folder: 'src/lib/model', allowed: NOTHING}),
  boundary({folder: 'src/lib/time', allowed: NOTHING}),
  boundary({folder: 'src/lib/config', allowed: ['model/']}),
  boundary({folder: 'src/lib/plan', allowed: ['model/']}),
  boundary({folder: 'src/lib/state', allowed: ['model/', 'config/environment\\.js$']}),
  boundary({folder: 'src/lib/engine', allowed: ENGINE_MAY}),
  boundary({folder: 'src/lib/engine', files: 'src/lib/engine/*/*.ts', up: '\\.\\./\\.\\./', allowed: ENGINE_MAY}),
  boundary({folder: 'src/lib/systemd', allowed: ['model/', 'config/environment\\.js$']}),
  boundary({folder: 'src/lib/plan', files: 'src/lib/plan/*/*.ts', up: '\\.\\./\\.\\./', allowed: ['model/', 'time/']}),
  boundary({folder: 'src/lib/notify', allowed: ['model/', 'time/', 'state/', 'plan/'], typesOnly: ['plan/']}),
  boundary({folder: 'src/lib/vpn', allowed: ['model/', 'time/']}),
  boundary({
    folder: 'src/lib/health',
    allowed: ['model/', 'time/', 'plan/', 'vpn/', 'engine/engine\\.js$'],
    typesOnly: ['plan/', 'engine/'],
  }),
  boundary({folder: 'src/lib/doctor', allowed: ['model/']}),
  boundary({folder: 'src/lib/flow', allowed: ['model/', 'time/', 'vpn/reading\\.js$']}),
  boundary({folder: 'src/lib/apply', allowed: APPLY_MAY}),
  boundary({folder: 'src/lib/apply', files: 'src/lib/apply/*/*.ts', up: '\\.\\./\\.\\./', allowed: APPLY_MAY}),
  boundary({folder: 'src/lib/watch', allowed: WATCH_MAY}),
  boundary({folder: 'src/lib/watch', files: 'src/lib/watch/*/*.ts', up: '\\.\\./\\.\\./', allowed: WATCH_MAY}),
  boundary({
    folder: 'src/lib/ui',
    allowed: ['model/', 'time/', 'plan/', 'apply/', 'state/', 'watch/', 'systemd/', 'engine/engine\\.js$'],
    // apply/report.js holds the reporter that says nothing, a value.
    typesOnly: ['plan/', 'apply/(?!report\\.js$)', 'state/', 'watch/', 'systemd/', 'engine/'],
  }),
]

/** Commands and the composition layer reach Docker through the interface and the one place that builds it. */
const COMPOSITION = {
  files: ['src/*.ts', 'src/lib/*.ts', 'src/commands/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        paths: ownedElsewhere('').map(({owner, name}) => ({name, message: `Only ${owner} imports ${name}.`})),
        patterns: [
          {regex: '/engine/(?!engine\\.js$|create-engine\\.js$)', message: 'Docker is reached through engine.ts and create-engine.ts.'},
        ],
      },
    ],
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
    ignores: ['src/main.ts', 'src/lib/base-command.ts', 'src/lib/config/**'],
    rules: {
      'no-restricted-properties': ['error', {object: 'process', property: 'env', message: 'Take the Environment that is handed down.'}],
    },
  },
  ...BOUNDARIES,
  COMPOSITION,
  {files: ['test/**', 'scripts/**'], rules: {'no-console': 'off'}},
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that finds nothing fails loudly enough.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
