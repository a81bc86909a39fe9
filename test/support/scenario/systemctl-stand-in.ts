import {chmod, mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {UNIT} from '../../../src/lib/systemd/unit.js'

/** A machine whose systemd is a script: it remembers what it was asked, and whether the unit would run. */
export type Machine = {
  /** For PATH. */
  readonly programs: string
  readonly unitFile: string
  /** The hidden flags that lead homelab to it. */
  readonly flags: readonly string[]
  /** What systemctl was told since the last time, without the questions. */
  asked(): Promise<string[]>
  /** The unit does not start, and systemctl says so. */
  refuse(): Promise<void>
}

const script = (folder: string): string => `#!/bin/sh
cd '${folder}' || exit 1
state() { cat "state/$1" 2>/dev/null || echo "$2"; }
case "$1" in
  show)
    echo "LoadState=$([ -f 'units/${UNIT}' ] && echo loaded || echo not-found)"
    echo "ActiveState=$(state active inactive)"
    echo "SubState=$([ -f state/active ] && echo running || echo dead)"
    echo "UnitFileState=$(state enabled '')"
    echo "StateChangeTimestamp=Sun 2026-11-22 12:00:00 UTC"
    echo "MainPID=$([ -f state/active ] && echo 4711 || echo 0)"
    echo 'NRestarts=2'
    echo 'Result=success'
    echo 'StatusText=watching 2 gateways, all = well'
    exit ;;
esac
echo "$*" >> asked
if [ -f refuses ] && [ "$1" = enable ]; then
  echo 'Created symlink multi-user.target.wants/${UNIT}.' >&2
  echo 'Job for ${UNIT} failed because the control process exited with error code.' >&2
  exit 1
fi
case "$1 $2" in
  'enable --now') echo enabled > state/enabled; echo active > state/active ;;
  disable*) rm -f state/enabled state/active ;;
  reset-failed*) echo 'Unit ${UNIT} not loaded.' >&2; exit 1 ;;
esac
`

export async function systemctlStandIn(folder: string): Promise<Machine> {
  const at = (...names: readonly string[]): string => path.join(folder, ...names)
  for (const name of ['programs', 'units', 'state', 'booted']) await mkdir(at(name))
  await writeFile(at('programs', 'systemctl'), script(folder))
  await chmod(at('programs', 'systemctl'), 0o755)
  return {
    programs: at('programs'),
    unitFile: at('units', UNIT),
    flags: ['--unit-dir', at('units'), '--booted-dir', at('booted')],
    async asked() {
      const text = await readFile(at('asked'), 'utf8').catch(() => '')
      await rm(at('asked'), {force: true})
      return text.split('\n').filter((line) => line !== '')
    },
    refuse: () => writeFile(at('refuses'), ''),
  }
}
