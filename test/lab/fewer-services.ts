/** The text of a Compose file without some of its services; comments and anchors of the others stay as they are. */
export function withoutServices(text: string, services: ReadonlySet<string>): string {
  let inServices = false
  let left = true
  const lines = text.split('\n').filter((line) => {
    if (/^\S/.test(line) && !line.startsWith('#')) inServices = line.startsWith('services:')
    const name = /^ {2}([\w-]+):/.exec(line)?.[1]
    if (!inServices) left = true
    else if (name !== undefined) left = !services.has(name)
    return left
  })
  return lines.join('\n')
}
