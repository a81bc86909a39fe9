/** Those that ask the same at once share one question, which goes out after the last of them has asked. */
export function sharing<T>(ask: (what: string) => Promise<T>): (what: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (what) => {
    const asking = asked.get(what) ?? Promise.resolve().then(() => ask(what))
    asked.set(what, asking)
    queueMicrotask(() => asked.delete(what))
    return asking
  }
}
