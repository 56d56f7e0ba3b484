// The CNI versions this plugin speaks. Apart from everything else, so that VERSION can be answered from it alone.

/** Versions a network configuration may name, oldest first: matched as exact strings (SPEC 1.0.0, section 1). */
export const SUPPORTED_VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const

/** The newest of them: what VERSION answers with, whatever the configuration on stdin names. */
export const NEWEST_VERSION = '1.1.0'
