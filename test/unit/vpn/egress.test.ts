import {describe, expect, it} from 'vitest'
import {proofFindings} from '../../../src/lib/vpn/kill-switch.js'
import {attemptOf, wayOutArgv, type Attempt} from '../../../src/lib/vpn/egress.js'

describe('an attempt to leave', () => {
  it.each([
    [0, '', 'left'],
    [1, 'wget: server returned error: HTTP/1.1 403 Forbidden', 'left'],
    [1, 'wget: not an http or ftp url: https://one.one.one.one/', 'left'],
    [143, '', 'blocked'],
    [124, '', 'blocked'],
    [1, "wget: can't connect to remote host (1.1.1.1): Network unreachable", 'blocked'],
    [1, "wget: can't connect to remote host (1.1.1.1): Operation not permitted", 'blocked'],
    [1, "wget: bad address 'example.com'", 'blocked'],
    [1, "wget: can't connect to remote host (1.1.1.1): Connection refused", 'unclear'],
    [127, 'OCI runtime exec failed: exec: "wget": executable file not found in $PATH', 'unclear'],
    [139, '', 'unclear'],
    [1, '', 'unclear'],
  ] as const)('that ends with %i "%s" is %s', (code, output, is) => {
    expect(attemptOf('http://1.1.1.1/', {code, output}).is).toBe(is)
  })

  // Seen: GNU wget 1.21.3 with -nv; its codes are those of src/exits.c. Gluetun's image has it.
  it.each([
    [8, 'http://1.1.1.1/:\r\n2026-11-27 21:30:25 ERROR 403: Forbidden.\r\n', 'left'],
    [6, 'Username/Password Authentication Failed.', 'left'],
    [5, "ERROR: The certificate of '1.1.1.1' is not trusted.", 'left'],
    [7, '', 'left'],
    [0, '2026-11-27 21:30:25 URL:http://127.0.0.1/ [6] -> "/dev/null" [1]', 'left'],
    [4, 'failed: Network is unreachable.', 'blocked'],
    [4, 'failed: Operation not permitted.', 'blocked'],
    [4, 'failed: No route to host.', 'blocked'],
    [4, 'failed: Operation timed out.', 'blocked'],
    [4, 'wget: unable to resolve host address ‘tls.example.com’', 'blocked'],
    [4, 'failed: Connection refused.', 'unclear'],
    // A connection that was made: something went out and came back.
    [4, 'No data received.', 'left'],
    [4, 'Read error (Connection timed out) in headers.', 'left'],
    [4, 'GnuTLS: An unexpected TLS packet was received.\r\nUnable to establish SSL connection.', 'left'],
    // Under -q, which an image's own settings may ask for.
    [8, '', 'left'],
    [4, '', 'blocked'],
    [1, 'Connecting to 127.0.0.1:18083 (127.0.0.1:18083)\nwget: error getting response', 'left'],
  ] as const)('of GNU wget that ends with %i "%s" is %s', (code, output, is) => {
    expect(attemptOf('http://1.1.1.1/', {code, output}).is).toBe(is)
  })

  it('says why it failed: not quietly, and once', () => {
    expect(wayOutArgv('http://1.1.1.1/', 3)).toEqual(['timeout', '3', 'wget', '-nv', '-t', '1', '-O', '/dev/null', 'http://1.1.1.1/'])
  })

  it.each([
    [0, 'Server:\t\t1.1.1.1\nAddress:\t1.1.1.1:53\n\nNon-authoritative answer:\nName:\texample.com\nAddress: 192.0.2.1\n', 'left'],
    [1, "Server:\t\t1.1.1.1\nAddress:\t1.1.1.1:53\n\n** server can't find example.com: NXDOMAIN\n", 'left'],
    [1, ';; connection timed out; no servers could be reached\n', 'blocked'],
    [143, '', 'blocked'],
    [1, "nslookup: can't connect to remote host (1.1.1.1): Network unreachable", 'blocked'],
    [1, "nslookup: write to '1.1.1.1': Operation not permitted\n", 'blocked'],
    [127, 'OCI runtime exec failed: exec: "nslookup": executable file not found in $PATH', 'unclear'],
    // A program that names the server before it was asked.
    [1, "Server:    1.1.1.1\nAddress 1: 1.1.1.1\n\nnslookup: can't resolve 'example.com'", 'unclear'],
  ] as const)('over UDP that ends with %i "%s" is %s', (code, output, is) => {
    expect(attemptOf('dns://1.1.1.1', {code, output}).is).toBe(is)
  })

  it('over UDP is a question to that name server', () => {
    expect(wayOutArgv('dns://192.0.2.1:5353')).toEqual(['timeout', '5', 'nslookup', '-type=a', 'example.com', '192.0.2.1:5353'])
  })

  it('that does not end is unclear', () => {
    expect(attemptOf('http://1.1.1.1/', undefined).is).toBe('unclear')
  })
})

describe('the proof', () => {
  const at = (target: string, is: Attempt['is']): Attempt => ({target, is, says: is})
  const told = (before: Attempt[], during: Attempt[], after: Attempt[]) =>
    proofFindings({before, during, after}).map(({is, check}) => `${is} ${check}`)

  it('holds where everything that answered before does not answer while the tunnel is down', () => {
    expect(told([at('a', 'left'), at('b', 'blocked')], [at('a', 'blocked'), at('b', 'blocked')], [at('a', 'left')])).toEqual([
      'good kill switch',
      'good tunnel',
    ])
  })

  it('says what it is a proof for', () => {
    const says = (...targets: string[]) => {
      const proof = {before: targets.map((it) => at(it, 'left')), during: targets.map((it) => at(it, 'blocked')), after: []}
      return proofFindings(proof)[0]?.says
    }
    expect(says('http://a/', 'dns://b')).toContain('(TCP and UDP)')
    expect(says('http://a/')).toContain('(TCP; over UDP nothing answered before)')
    expect(says('dns://b')).toContain('(UDP; over TCP nothing answered before)')
  })

  it('fails where anything leaves, also what did not answer before', () => {
    const blocked = [at('a', 'left'), at('b', 'blocked')]
    expect(told(blocked, [at('a', 'blocked'), at('b', 'left')], [at('a', 'left')])[0]).toBe('bad kill switch')
  })

  it('is open where nothing answered before, or it cannot be told', () => {
    expect(told([at('a', 'blocked')], [], [])).toEqual(['unknown kill switch'])
    expect(told([at('a', 'left')], [at('a', 'unclear')], [at('a', 'left')])[0]).toBe('unknown kill switch')
  })

  it('tells when nothing is reached after it', () => {
    expect(told([at('a', 'left')], [at('a', 'blocked')], [at('a', 'blocked')])[1]).toBe('bad tunnel')
  })
})
