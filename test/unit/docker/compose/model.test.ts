import {describe, expect, it} from 'vitest'
import {isComparable, toDeclared, type ComposeModel} from '../../../../src/lib/docker/compose/model.js'

const declare = (services: ComposeModel['services']) => () => toDeclared({name: 'web', files: []}, {name: 'homelab-web', services}, new Set())

describe('what is refused before anything is done', () => {
  it.each([{scale: 2}, {deploy: {replicas: 3}}])('several containers of one service: %j', (asked) => {
    expect(declare({web: {image: 'x', ...asked}})).toThrow('asks for several containers')
  })

  it('not one container, said in either way', () => {
    expect(declare({web: {image: 'x', scale: 1, deploy: {replicas: 1}}})().services.size).toBe(1)
  })
})

it('does not compare the hash of what refers to another container', () => {
  expect([{pid: 'service:base'}, {ipc: 'service:base'}, {volumes_from: ['base']}, {links: ['base']}].map(isComparable)).toEqual([false, false, false, false])
  expect(isComparable({image: 'x', pid: 'host'})).toBe(true)
})
