import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import Docker from 'dockerode'
import {expect, it, onTestFinished} from 'vitest'
import {imagesOf} from '../../../../src/lib/docker/api/images.js'

/** Docker 26.1.5 with the containerd image store, while another image was being removed. */
const GOING = 'content digest sha256:5e878ba8dba4b22acb2d4c002af309eebb0779019d1d317a545d4406fb975368: not found'

async function daemon(answers: readonly [number, unknown][]) {
  let asked = 0
  const server = createServer((_, response) => {
    const [status, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, {}]
    response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {docker: new Docker({host: '127.0.0.1', port: (server.address() as AddressInfo).port}), asked: () => asked}
}

it('lists again while another image is being removed', async () => {
  const {docker} = await daemon([
    [404, {message: GOING}],
    [200, [{Id: 'sha256:1', RepoTags: ['kept/sonarr:1']}]],
  ])
  expect((await imagesOf(docker, 'kept/sonarr')).map(({id}) => id)).toEqual(['sha256:1'])
})

it('does not ask for ever, and not at all after another error', async () => {
  const going = await daemon([[404, {message: GOING}]])
  await expect(imagesOf(going.docker, 'kept/sonarr')).rejects.toThrow(GOING)
  expect(going.asked()).toBe(4)
  const broken = await daemon([[500, {message: 'no space left on device'}]])
  await expect(imagesOf(broken.docker, 'kept/sonarr')).rejects.toThrow('no space')
  expect(broken.asked()).toBe(1)
})
