import type {DeclaredStack} from '../model/stack.js'
import {repositoryOf} from '../model/image.js'
import type {Diagnosis} from './remedy.js'

const CHECK = "What's Up Docker"
const EXPLAINED = 'compose/.env.example has the command that makes both'

/** What htpasswd and `openssl passwd` make: https://httpd.apache.org/docs/current/misc/password_encryptions.html */
const HASH = /^(\$(apr1|2[aby]|5|6)\$|\{SHA\})./

/**
 * Whether What's Up Docker, where a stack has it, asks for a login. Pure.
 * @param catchesUp homelab itself asks it, by `updates: wud:`.
 */
export function wudLoginDiagnoses(
  stacks: readonly DeclaredStack[],
  variables: Readonly<Record<string, string>>,
  catchesUp: boolean,
): Diagnosis[] {
  const found = stacks.flatMap(({name, services}) =>
    [...services.values()].filter(({image}) => isWud(image)).map((service) => ({stack: name, service: service.name})),
  )
  return found.map(({stack, service}) => {
    const up = `homelab stack ${stack} up ${service}`
    return {check: CHECK, ...(withoutLogin(variables, up) ?? broken(variables, up, catchesUp) ?? WELL)}
  })
}

const isWud = (image: string | undefined): boolean => /(^|\/)(wud|whatsupdocker|whats-up-docker)$/.test(repositoryOf(image ?? ''))

type Said = Omit<Diagnosis, 'check'>

const WELL: Said = {is: 'good', says: 'it asks for a login'}

function withoutLogin({WUD_PASSWORD_HASH: hash, WUD_BIND: bind = ''}: Readonly<Record<string, string>>, up: string): Said | undefined {
  if (hash) return undefined
  const next = [`Set WUD_PASSWORD and WUD_PASSWORD_HASH in compose/.env; ${EXPLAINED}`, up]
  const isOpen = bind !== '' && !bind.startsWith('127.') && bind !== '::1'
  return isOpen
    ? {is: 'bad', says: `it has no login, and WUD_BIND=${bind} opens it to others: it shows its triggers, with WUD_WEBHOOK_TOKEN`, next}
    : {is: 'warn', says: 'it has no login: programs on this machine and in the stacks’ network can read WUD_WEBHOOK_TOKEN there', next}
}

function broken(
  {WUD_PASSWORD_HASH: hash = '', WUD_PASSWORD: password = ''}: Readonly<Record<string, string>>,
  up: string,
  catchesUp: boolean,
): Said | undefined {
  if (!HASH.test(hash)) {
    const says = 'WUD_PASSWORD_HASH in compose/.env is no hash of a password: in single quotes its $ are kept, otherwise they are variables'
    return {is: 'bad', says, next: [EXPLAINED, up]}
  }
  if (!catchesUp) return undefined
  if (password === '') {
    const says = 'WUD_PASSWORD is not set in compose/.env: homelab cannot ask it what it announced (updates: wud:)'
    return {is: 'bad', says, next: [EXPLAINED]}
  }
  // https://github.com/getwud/wud, docs/configuration/authentications/basic: "Known limitation".
  if (password.includes(':'))
    return {is: 'bad', says: "WUD_PASSWORD has a colon, which What's Up Docker does not accept", next: [EXPLAINED]}
  return undefined
}
