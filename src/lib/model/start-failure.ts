import type {ObservedContainer} from './observed.js'

/**
 * Docker tried to start it and could not: a port that is taken, a device or a disk that was not there yet after a boot. No
 * restart policy tries that again, and no person stopped it; a start that succeeds clears the error
 * (https://github.com/moby/moby/blob/v26.1.5/daemon/start.go). One that was new stays `created`.
 */
export const couldNotStart = ({state, error}: ObservedContainer): boolean => (state === 'exited' || state === 'created') && error !== ''
