import {keptRepository, repositoryOf} from '../../model/kept.js'
import type {Snapshot} from '../../model/update.js'

/** An image on this machine. */
type Candidate = {readonly id: string; readonly references: readonly string[]; readonly version?: string | undefined}

type Present = {
  readonly project: string
  readonly service: string
  /** What is declared now, pins included, and what runs. */
  readonly reference: string
  readonly imageId: string
  readonly pin: string | undefined
  readonly digest: string | undefined
}

/** The image that a service ran before, of those that were kept: the one that was left last and is not the present one. */
export function previous(present: Present, kept: readonly Candidate[]): Candidate | undefined {
  const repository = `${keptRepository(present.project, present.service)}:`
  const left = (image: Candidate): string =>
    image.references
      .filter((name) => name.startsWith(repository))
      .toSorted()
      .at(-1) ?? ''
  return kept.filter(({id}) => id !== present.imageId).toSorted((a, b) => left(b).localeCompare(left(a)))[0]
}

/** From what runs to this image. Under another tag of its own repository it is pinned; otherwise the present tag moves to it. */
export function wayBack({service, reference, imageId: _, pin, digest}: Present, target: Candidate): Snapshot {
  const repository = repositoryOf(reference)
  const own = target.references.filter((name) => repositoryOf(name) === repository)
  const name = own.includes(reference) ? reference : (own[0] ?? reference)
  return {
    service,
    from: {reference: name, imageId: target.id, pin: name === reference ? pin : name, version: target.version},
    to: {reference, pin, digest},
  }
}
