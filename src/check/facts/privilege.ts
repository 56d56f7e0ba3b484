/** The privileges of the process that runs the check. */
export interface PrivilegeFacts {
  readonly euid: number
  /** Whether user 0 here is root on the machine, and not in a user namespace. */
  readonly isMachineRoot: boolean
  /** Whether we share the network namespace of process 1; undefined where that cannot be determined. */
  readonly isNetworkOfInit: boolean | undefined
}
