// The arguments of the verbs.

import type { JsonObject } from '../../src/json.ts'
import type { Log } from '../../src/log.ts'

/** A call as received, with standard input parsed. */
export interface NetavarkCall {
  readonly input: JsonObject
  /** The path of the container's namespace; empty for `create`. */
  readonly netns: string
  readonly now: Date
  readonly log: Log
}
