import {OperatorError} from '../model/operator-error.js'
import type {Program} from './program.js'
import {UNIT} from './settings.js'

/** Seconds. systemctl waits for a stop and a start: longer than TimeoutStopSec= and TimeoutStartSec= together. */
const LIMIT_S = 1_800

/** @returns what it wrote. @throws OperatorError (1), with systemd's own words as its detail. */
export async function systemctl(run: Program, args: readonly string[], seconds = LIMIT_S): Promise<string> {
  const {code, stdout, stderr} = await run('systemctl', args, seconds)
  if (code === 0) return stdout
  // `enable` tells there what it has done, too.
  const [first = `it ended with ${code}`] = stderr.split('\n').filter((line) => line !== '' && !/^(Created symlink|Removed) /.test(line))
  throw new OperatorError(`systemctl ${args.join(' ')}: ${first}`, {
    next: [`See why: journalctl -u ${UNIT} -n 50`, 'When that is mended, type the same command again.'],
    detail: stderr,
  })
}
