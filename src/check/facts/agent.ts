// The agent of this host: what it answers, and which of its traces other programs see.

import type { ClosedPort, StatusView } from '../../views/paths.ts'

/** A port that the agent cannot open, and the process that has it, where one can be seen. */
export interface HeldPort extends ClosedPort {
  readonly holder: { readonly pid: number; readonly name: string } | undefined
}

export interface AgentFacts {
  readonly socket: {
    readonly path: string
    readonly exists: boolean
    /** Why no agent can listen there, with the remedy. */
    readonly obstacle: string | undefined
    /** Permission bits, and the owner. */
    readonly mode: number
    readonly uid: number
  }
  /** The agent's own status; undefined when it does not answer, for the reason in `problem`. */
  readonly status: StatusView | undefined
  readonly problem: string | undefined
  /** Version and commit of the executable that runs this check. */
  readonly own: { readonly version: string; readonly commit: string }
  /** Whether its heartbeat is fresh, so that ADD and `sync` leave the routes to the agent. */
  readonly ownsRoutes: boolean
  /** The process that removes the direct routes when the agent dies; undefined when there is none. */
  readonly guardPid: number | undefined
  /** Number of stalls since the agent started; undefined when it does not report them. */
  readonly stalls: number | undefined
  /** The ports that it cannot open. */
  readonly closedPorts: readonly HeldPort[]
  readonly metrics: { readonly url: string; readonly problem: string | undefined }
  /** Where the agent keeps transitions. */
  readonly history: { readonly path: string; readonly problem: string | undefined }
}
