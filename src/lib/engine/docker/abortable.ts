import type Docker from 'dockerode'

/**
 * The same connection, each of whose requests is cut off when the signal fires. dockerode takes a signal for most requests,
 * but not for inspecting an image or a network (5.0.1, lib/image.js, lib/network.js).
 */
export function abortable(docker: Docker, signal: AbortSignal): Docker {
  const modem = docker.modem as Modem
  const own: Modem = Object.create(modem) as Modem
  own.dial = (options, callback) => modem.dial({...options, abortSignal: signal}, callback)
  return Object.create(docker, {modem: {value: own}}) as Docker
}

type Modem = {dial(options: object, callback: (...answer: unknown[]) => void): void}
