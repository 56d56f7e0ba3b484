// What the bench asks a host's worker to run, and what it hears back. Plain data: it travels over Node's IPC channel.

/** One plugin of a chain: its executable, and its object in the configuration list. */
export interface Plugin {
  readonly path: string
  readonly conf: Readonly<Record<string, unknown>>
}

/** A network configuration list, as a runtime holds it in memory. */
export interface Network {
  readonly cniVersion: string
  readonly name: string
  readonly plugins: readonly Plugin[]
}

/** One attachment to add or delete. */
export interface Attachment {
  readonly network: Network
  readonly containerID: string
  /** Path of the container's network namespace. */
  readonly netns: string
  /** TCP port to publish, the same on the host and in the container. */
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
      /** What the ADDs ended on, in the order of the attachments; undefined for those that failed. */
      readonly results: readonly unknown[]
    }

export type Environment = Readonly<Record<string, string>>

/** How one task went. Wall-clock milliseconds from just before the first process starts to the end of the last. */
export interface Timing {
  readonly ms: number
  /** What the last plugin printed, parsed. */
  readonly result?: unknown
  /** Why it failed, in the program's own words. */
  readonly failure?: string
  readonly stdout?: string
}

/** A timing with the processor time of all processes of the task, user and system, in steps of 10 ms. */
export interface Measured extends Timing {
  readonly cpuMs: number
}

/** What a worker answers: the whole task's timing, and for those that do many things at once each one's. */
export interface Answer {
  readonly whole: Measured
  readonly each: readonly Timing[]
}
