// The supported CNI versions. They have a file of their own so that VERSION loads nothing else.

/**
 * Versions that a network configuration may name, oldest first. They are matched as exact strings (SPEC
 * 1.0.0, section 1).
 */
export const SUPPORTED_VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const

/** The newest version. VERSION always answers with it, regardless of the configuration on stdin. */
export const NEWEST_VERSION = '1.1.0'
