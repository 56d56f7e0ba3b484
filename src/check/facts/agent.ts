// The agent of this host, as it answers and as others see it live.

import type { StatusView } from '../../api/views.ts'

export interface AgentFacts {
  readonly socket: {
    readonly path: string
    readonly exists: boolean
    /** Permission bits, and who owns it. */
    readonly mode: number
    readonly uid: number
  }
  /** What it says of itself; undefined when it does not answer, for the reason in `problem`. */
  readonly status: StatusView | undefined
  readonly problem: string | undefined
  /** Version and commit of the executable that checks. */
  readonly own: { readonly version: string; readonly commit: string }
  /** Whether its sign of life is fresh, so that ADD and `sync` leave the routes to it. */
  readonly ownsRoutes: boolean
  /** The process that takes the routes away when the agent dies; undefined when there is none. */
  readonly guardPid: number | undefined
  /** Times that it stood still since its start; undefined when it does not say. */
  readonly stalls: number | undefined
  readonly metrics: { readonly url: string; readonly problem: string | undefined }
  /** Where transitions are kept. */
  readonly history: { readonly path: string; readonly problem: string | undefined }
}
