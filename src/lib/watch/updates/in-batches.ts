type Waiting<A, R> = {readonly items: readonly A[]; readonly resolve: (results: R[]) => void; readonly reject: (error: unknown) => void}

/**
 * Calls that come while one is under way are done together, as the next one. @param act Answers each item, in their order.
 * It throws for all of a batch.
 */
export function inBatches<A, R>(act: (items: readonly A[]) => Promise<readonly R[]>): (items: readonly A[]) => Promise<R[]> {
  let waiting: Waiting<A, R>[] = []
  let busy = false
  const work = async (): Promise<void> => {
    busy = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        const results = [...(await act(batch.flatMap(({items}) => items)))]
        for (const {items, resolve} of batch) resolve(results.splice(0, items.length))
      } catch (error) {
        for (const {reject} of batch) reject(error)
      }
    }
    busy = false
  }
  return (items) =>
    new Promise((resolve, reject) => {
      waiting.push({items, resolve, reject})
      if (!busy) void work()
    })
}
