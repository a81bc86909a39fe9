import type {ObservedContainer} from './observed.js'

/**
 * Compose was killed while it recreated it: the old container is gone, and the new one still has the name that it gets for
 * the time between, "<12 digits of the old id>_<name>" (docker/compose v2.26, pkg/compose/convergence.go). Started like
 * that it would keep it, so it is made anew.
 */
export const halfMade = ({state, name}: ObservedContainer): boolean => state === 'created' && /^[0-9a-f]{12}_/.test(name)

export const HALF_MADE = 'its new container was made only in part'
