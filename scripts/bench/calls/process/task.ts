// The messages between the bench and a host's worker. Plain data, since it travels over Node's IPC channel.

/** One plugin of a chain: its executable, and its object in the configuration list. */
export interface Plugin {
  readonly path: string
  readonly conf: Readonly<Record<string, unknown>>
}

/** A network configuration list as a runtime holds it in memory. */
export interface Network {
  readonly cniVersion: string
  readonly name: string
  readonly plugins: readonly Plugin[]
}

/** One attachment to add or delete. */
export interface Attachment {
  readonly network: Network
  readonly containerID: string
  /** The path of the container's network namespace. */
  readonly netns: string
  /** The TCP port to publish, the same on the host and in the container. */
  readonly port?: number
}

export type Task =
  | {
      readonly task: 'program'
      readonly argv: readonly string[]
      readonly env: Environment
      /** The whole of stdin. */
      readonly input: string
    }
  | { readonly task: 'add'; readonly attachment: Attachment }
  | { readonly task: 'del'; readonly attachment: Attachment; readonly result: unknown }
  | { readonly task: 'add together'; readonly attachments: readonly Attachment[] }
  | {
      readonly task: 'del together'
      readonly attachments: readonly Attachment[]
      /** The final results of the ADDs, in the order of the attachments; undefined for those that failed. */
      readonly results: readonly unknown[]
    }

export type Environment = Readonly<Record<string, string>>

/**
 * The result of one task. Wall-clock milliseconds from the start of the first process to the exit
 * of the last.
 */
export interface Timing {
  readonly ms: number
  /** The parsed output of the last plugin. */
  readonly result?: unknown
  /** Why it failed, in the program's own words. */
  readonly failure?: string
  readonly stdout?: string
}

/** A timing with the CPU time (user and system) of all processes of the task, in steps of 10 ms. */
export interface Measured extends Timing {
  readonly cpuMs: number
}

/** A worker's answer: the timing of the whole task and, for tasks with parallel calls, of each call. */
export interface Answer {
  readonly whole: Measured
  readonly each: readonly Timing[]
}
