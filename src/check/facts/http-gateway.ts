// The HTTP Gateway of this host: its files, its nginx, and what that knows.

import type { GatewayView } from '../../http-gateway/recognition.ts'

export interface HttpGatewayFacts {
  /** Nothing is judged where none is installed. */
  readonly isInstalled: boolean
  /** The path of nginx's executable, as installed. */
  readonly program: string | undefined
  /** Why no nginx of this host can run it; undefined if one can. */
  readonly obstacle: string | undefined
  /** The process of nginx's master. */
  readonly pid: number | undefined
  /** Why it does not answer. */
  readonly problem: string | undefined
  readonly port: number
  /** The process that listens on the port, where one can be seen. */
  readonly holder: { readonly pid: number; readonly name: string } | undefined
  /** Files that are not as this version and the settings make them. */
  readonly differing: readonly string[]
  /** The name of this host in nginx's memory; undefined before the agent's first push. */
  readonly host: string | undefined
  readonly hosts: number
  readonly names: number
  /** Since the agent was last heard; undefined if never. */
  readonly silentSeconds: number | undefined
  /** What is wrong with the file from which nginx starts; undefined if nothing is. */
  readonly snapshotProblem: string | undefined
  /** Whether nginx runs the Lua files of this version. */
  readonly isCurrent: boolean
  readonly freeBytes: number | undefined
  /** All HTTP Gateways of the office; undefined before the agent has told them. */
  readonly gateways: readonly GatewayView[] | undefined
}
