import {describe, expect, it} from 'vitest'
import {difference, stateOf} from '../../../src/lib/systemd/status.js'
import {commandLine, readWord, unitWord, type UnitSettings, unitText} from '../../../src/lib/systemd/unit.js'
import {requireName, userOf} from '../../../src/lib/systemd/install.js'

const settings: UnitSettings = {
  node: '/usr/bin/node',
  program: '/opt/homelab/bin/run.cjs',
  home: '/srv/homelab',
  user: 'root',
  writable: ['/srv/homelab/compose', '/var/lib/homelab-media-configs'],
  stopSeconds: 90,
}
const lines = (more: Partial<UnitSettings>): string[] => unitText({...settings, ...more}).split('\n')

describe('the unit', () => {
  it('is this one', async () => {
    await expect(unitText(settings)).toMatchFileSnapshot('root.service')
  })

  it('is this one for another user, with other folders', async () => {
    const more = {user: 'media', config: '/etc/homelab.yml', state: '/srv/my state', context: 'nas'}
    await expect(unitText({...settings, ...more})).toMatchFileSnapshot('user.service')
  })

  it('writes to another state folder as root, which systemd does not make', () => {
    const unit = lines({state: '/srv/my state'})
    expect(unit).toEqual(expect.arrayContaining(['Environment="HOMELAB_STATE=/srv/my state"', 'ReadWritePaths="/srv/my state"']))
    expect(unit).not.toContain('StateDirectory=homelab')
  })

  it.each([{home: '/srv/a\nExecStartPre=/bin/evil'}, {program: '/srv/a\tb'}, {state: '/srv/\u0000'}])('refuses %j', (more) => {
    expect(() => unitText({...settings, ...more})).toThrow(/holds a control character/)
  })

  it.each(['/a"b/node', "/a'b/node", '/a\\b/node'])('refuses to be run by %s, as systemd would', (node) => {
    expect(() => unitText({...settings, node})).toThrow(/a quote or a backslash/)
  })

  it('says whom it runs as, and where that one keeps its state', () => {
    expect(userOf(undefined)).toBe('root')
    expect(userOf(unitText(settings))).toBe('root')
    expect(userOf(unitText({...settings, user: 'media'}))).toBe('media')
    expect(stateOf(unitText(settings))).toBe('/var/lib/homelab')
    expect(stateOf(unitText({...settings, user: 'media'}))).toBe('~media/.local/state/homelab')
    expect(stateOf(unitText({...settings, state: '/srv/50% "a"\\b'}))).toBe('/srv/50% "a"\\b')
    expect(stateOf(unitText({...settings, state: '/srv/state'}))).toBe('/srv/state')
  })
})

describe('the sandbox', () => {
  const capabilities = (user: string): string[] =>
    lines({user})
      .filter((line) => line.startsWith('CapabilityBoundingSet='))
      .flatMap((line) => line.split('=')[1]?.split(' ') ?? [])

  it('lets pins, copies and commands write, and nothing else', () => {
    for (const user of ['root', 'media']) {
      expect(lines({user, writable: ['/opt/h/compose', '/srv/100% mine']}).filter((line) => line.startsWith('ReadWritePaths='))).toEqual([
        'ReadWritePaths=-/opt/h/compose',
        'ReadWritePaths="-/srv/100%% mine"',
      ])
    }
    expect(lines({})).toEqual(expect.arrayContaining(['ProtectSystem=strict', 'ProtectHome=read-only']))
  })

  it('lets root keep owners, modes, times and handed-on groups of what it copies', () => {
    expect(capabilities('root')).toEqual(expect.arrayContaining(['CAP_CHOWN', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_DAC_OVERRIDE']))
    expect(capabilities('media')).toEqual([''])
    // It would refuse the copy of a folder with g+s.
    expect(lines({}).filter((line) => line.startsWith('RestrictSUIDSGID'))).toEqual([])
  })
})

describe('quoting for systemd', () => {
  it.each([
    ['/usr/bin/node', '/usr/bin/node'],
    ['A=/b/c-d_1.2:3@4', 'A=/b/c-d_1.2:3@4'],
    ['/a b', '"/a b"'],
    ['/100%', '"/100%%"'],
    ['/a"b\\c', '"/a\\"b\\\\c"'],
    ["/it's", '"/it\'s"'],
    ['/$HOME', '"/$HOME"'],
    ['/über', '"/über"'],
    [';', '";"'],
    ['', '""'],
  ])('%j is %s, and back', (value, word) => {
    expect(unitWord(value)).toBe(word)
    expect(readWord(word)).toBe(value)
  })

  it('doubles the dollars of arguments only', () => {
    expect(commandLine(['/a$b/node', '/c$d/${e}.cjs', 'watch'])).toBe('"/a$b/node" "/c$$d/$${e}.cjs" watch')
  })
})

describe('the difference of two units', () => {
  it('is the lines that mean something', () => {
    expect(difference('# old\nA=1\nB=2\n', '# new\n\nA=1\nB=3\nC=4\n')).toEqual(['- B=2', '+ B=3', '+ C=4'])
    expect(difference('# old\nA=1', 'A=1\n# new')).toEqual([])
  })
})

describe('the name of a user', () => {
  it.each(['media', '_apt', 'john.doe', 'A-1'])('may be %s', (name) => expect(() => requireName(name)).not.toThrow())
  it.each(['', '0', '-x', 'a b', 'a\nb', 'a%', '%i'])('may not be %j', (name) =>
    expect(() => requireName(name)).toThrow(/cannot be the name/),
  )
})
