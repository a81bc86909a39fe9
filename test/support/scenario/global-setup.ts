import type {TestProject} from 'vitest/node'
import {openWorkshop} from '../../lab/workshop.js'

declare module 'vitest' {
  interface ProvidedContext {
    registry: string
    busybox: string
  }
}

/** One registry for all scenarios; each file makes a lab of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const workshop = await openWorkshop()
  project.provide('registry', workshop.registry.host)
  project.provide('busybox', workshop.busybox)
  return () => workshop.close()
}
