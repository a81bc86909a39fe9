/** Images that homelab pinned, by service. A pin takes the place of the image that the stack's own files declare. */
export type Pins = ReadonlyMap<string, string>

/** Merged after a stack's own files. It is ours, and lies in the Compose folder. */
export const pinsFileName = (stack: string): string => `${stack}.pins.yml`
