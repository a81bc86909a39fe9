// Run in the world's namespaces, beyond the tunnel: a page and a name server at each address.
import {createSocket} from 'node:dgram'
import {createServer} from 'node:http'

/** Those of the internet that are asked through a tunnel. */
const ADDRESSES = ['1.1.1.1', '9.9.9.9']

const log = (what, from) => console.log(new Date().toISOString(), what, 'from', from)

/** RFC 1035, 4.1.1: the question with the flags of an answer, and "there is no such name". */
function noSuchName(question) {
  const answer = Buffer.from(question)
  answer.writeUInt16BE(0x8183, 2)
  return answer
}

for (const address of ADDRESSES) {
  const server = createSocket('udp4', (question, {port, address: from}) => {
    log(`dns ${address}`, from)
    server.send(noSuchName(question), port, from)
  })
  server.bind(53, address)
}
createServer((request, response) => {
  log(`http ${request.headers.host}`, request.socket.remoteAddress)
  response.end('a page\n')
}).listen(80, '0.0.0.0', () => console.log('up'))
