/** The value of a variable of the environment; undefined: it is not set. */
type Lookup = (name: string) => string | undefined

type Statement = {readonly name: string; readonly inherited: boolean; readonly rest: string}

const NO_BREAK = '[\\t\\v\\f\\r \\u0085\\u00a0]'
const LEADING = new RegExp(`^${NO_BREAK}+`)
const EXPORT = new RegExp(`^export${NO_BREAK}+`)
const NAME = /^[\p{L}\p{N}_.\-[\]\t\v\f\r \u0085\u00a0]*$/u
const BLANK = /^[\s\u0085]+/
const TRAILING = /[\s\u0085]+$/

/**
 * Reads `.env` as Compose does: line by line what compose-go's dotenv/parser.go and template/template.go do
 * (https://github.com/compose-spec/compose-go/tree/v2.9.1). Node's own reader differs for `x#y`, `A = v`, `A: v`, `${V}`, escaped
 * quotes and backticks.
 * @param lookup What wins over the file where one value names another variable.
 * @throws Error with what is wrong, and in which line; never with a word of the file, which has secrets.
 */
export function parseDotenv(text: string, lookup: Lookup = () => undefined): Record<string, string> {
  const found = new Map<string, string>()
  const known: Lookup = (name) => lookup(name) ?? found.get(name)
  const source = text.replace(/^\uFEFF/, '')
  for (let rest = nextStatement(source); rest !== ''; rest = nextStatement(rest)) {
    const line = source.slice(0, source.length - rest.length).split('\n').length
    const statement = nameOf(rest, line)
    rest = statement.rest
    if (statement.inherited) {
      const value = lookup(statement.name)
      if (value !== undefined) found.set(statement.name, value)
      continue
    }
    const value = valueOf(rest, known, line)
    found.set(statement.name, value.value)
    rest = value.rest
  }
  return Object.fromEntries(found)
}

/** Past blanks and comments. */
function nextStatement(text: string): string {
  const rest = text.replace(BLANK, '')
  if (!rest.startsWith('#')) return rest
  const end = rest.indexOf('\n')
  return end < 0 ? '' : nextStatement(rest.slice(end))
}

/** `NAME=`, `NAME:`, `export NAME=`; a name alone is taken from the environment. */
function nameOf(text: string, line: number): Statement {
  const source = text.replace(EXPORT, '')
  const end = source.search(/[=:\n]/)
  const written = end < 0 ? source : source.slice(0, end)
  if (!NAME.test(written)) throw new Error(`line ${line}: the name of a variable has letters, digits and _ . - [ ] only`)
  // Without an end there is no name at all: compose-go sets "" to what is there.
  const name = end < 0 ? '' : written.replace(TRAILING, '')
  if (name.includes(' ')) throw new Error(`line ${line}: the name of a variable has no space`)
  const inherited = source[end] === '\n'
  return {name, inherited, rest: source.slice(end < 0 ? 0 : end + 1).replace(LEADING, '')}
}

type Value = {readonly value: string; readonly rest: string}

function valueOf(text: string, known: Lookup, line: number): Value {
  const [quote] = text
  if (quote === '"' || quote === "'") return quotedOf(text, quote, known, line)
  const end = text.indexOf('\n')
  const [written = ''] = (end < 0 ? text : text.slice(0, end)).split(' #')
  return {value: substitute(written.replace(TRAILING, ''), known, line), rest: end < 0 ? '' : text.slice(end + 1)}
}

function quotedOf(text: string, quote: string, known: Lookup, line: number): Value {
  let inner = ''
  for (let at = 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === quote) {
      const value = quote === '"' ? substitute(unescape(inner), known, line) : inner
      return {value, rest: text.slice(at + 1)}
    }
    const next = text[at + 1]
    if (char === '\\' && next !== undefined) {
      inner += next === quote ? quote : char + next
      at++
    } else if (char !== '\\') inner += char
  }
  throw new Error(`line ${line}: a quoted value has no end`)
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  $: '$$',
}

/** `\c` stays as it is, and an octal number that is no byte loses its 0: Go's UnquoteChar refuses them. */
const unescape = (text: string): string =>
  text.replace(/\\(?:([abcfnrtv$"\\])|0(\d{0,3}))/g, (whole, letter: string | undefined, digits: string | undefined) => {
    if (letter !== undefined) return ESCAPES[letter] ?? whole
    return /^[0-3][0-7]{2}$/.test(digits ?? '') ? String.fromCodePoint(Number.parseInt(digits ?? '', 8)) : `\\${digits}`
  })

const VARIABLE = /\$(?:(?<escaped>\$)|(?<named>[_a-z][_a-z0-9]*)|\{(?:(?<braced>[_a-z][_a-z0-9]*(?::?[-+?].*)?)\}|))/i

const BRACED = /^([^:?+-]*)(:?)([-+?]?)(.*)$/

/** `$V`, `${V}`, `${V:-default}`, `${V-default}`, `${V:+other}`, `${V+other}`, `${V:?message}`, `${V?message}`; `$$` is a `$`. */
function substitute(text: string, known: Lookup, line: number): string {
  return text.replace(new RegExp(VARIABLE, 'gi'), (whole) => {
    const end = closing(whole)
    const [first, rest] = end < 0 ? [whole, ''] : [whole.slice(0, end + 1), whole.slice(end + 1)]
    const {escaped, named, braced} = VARIABLE.exec(first)?.groups ?? {}
    if (escaped !== undefined) return escaped
    if (named !== undefined) return known(named) ?? ''
    if (braced === undefined) throw new Error(`line ${line}: \${ has no } after a name of a variable`)
    const value = bracedValue(braced, known, line)
    // As compose-go: what follows a plain ${V} in the same match is lost nowhere, as the match ends there.
    return value + substitute(rest, known, line)
  })
}

function bracedValue(inner: string, known: Lookup, line: number): string {
  const [, name = '', colon, kind, word = ''] = BRACED.exec(inner) ?? []
  const value = known(name)
  const isThere = value !== undefined && (colon !== ':' || value !== '')
  if (kind === '?') required(isThere, line)
  if (kind === (isThere ? '+' : '-')) return substitute(word, known, line)
  return value ?? ''
}

function required(isThere: boolean, line: number): void {
  if (!isThere) throw new Error(`line ${line}: a variable that is required (?) has no value`)
}

/** Where the first `{` is closed; -1: nowhere. */
function closing(text: string): number {
  let open = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '}' && --open === 0) return at
    if (text[at] === '{') {
      open++
      at++
    }
  }
  return -1
}
