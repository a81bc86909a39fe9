/** The words of `homelab stack`, in the order in which a newcomer meets them. */
export const VERB_WORDS = ['up', 'status', 'logs', 'update', 'rollback', 'pull', 'restart', 'stop', 'start', 'down'] as const

/** A stack by one of these names could not be told from a word of the command line. */
export const RESERVED: readonly string[] = [...VERB_WORDS, 'all', 'list', 'help']
