// The arguments with which netavark calls a plugin: PATH VERB [NETNS] (netavark, plugin-API.md). The name of
// a link cannot replace them, because an executable started through one sees its own path.

const VERBS = ['create', 'setup', 'teardown', 'info'] as const

/** One of netavark's verbs. */
export type NetavarkVerb = (typeof VERBS)[number]

/** Returns the verb that the first argument names, or undefined for any other word. */
export function netavarkVerb(word: string | undefined): NetavarkVerb | undefined {
  return VERBS.find((verb) => verb === word)
}
