import {execa} from 'execa'

/** The real curl, as a person or a script would run it. @returns What it got; status 0: it got none. */
export async function curl(url: string, ...args: string[]): Promise<{status: number; body: string; headers: string}> {
  const {stdout} = await execa('curl', ['-sS', '--max-time', '20', '-D', '-', '-w', '\n%{http_code}', ...args, url], {reject: false})
  const status = Number(/\d+$/.exec(stdout)?.[0] ?? 0)
  const answers = stdout.replace(/\n\d+$/, '').replaceAll('\r\n', '\n')
  // "100 Continue" comes before the answer itself.
  const last = answers.replace(/^HTTP\/1\.1 100 .*\n\n/, '')
  const end = last.indexOf('\n\n')
  return {status, headers: last.slice(0, end), body: last.slice(end + 2)}
}
