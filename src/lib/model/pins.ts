/** Images that homelab pinned, by service. A pin takes the place of the image that the stack's own files declare. */
export type Pins = ReadonlyMap<string, string>

/** Merged after a stack's own files. It is ours, and lies in the Compose folder. */
export const pinsFileName = (stack: string): string => `${stack}.pins.yml`

/**
 * What is pinned and not declared. Compose would take such a pin for a service of its own, which has an image and nothing else.
 * @param services that the stack declares without its pins file.
 */
export const staleIn = (pins: Pins, services: Iterable<string>): string[] => {
  const declared = new Set(services)
  return [...pins.keys()].filter((service) => !declared.has(service))
}
