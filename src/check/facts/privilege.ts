/** Whose the process is that looks. */
export interface PrivilegeFacts {
  readonly euid: number
  /** Whether user 0 here is user 0 of the machine, not of a user namespace. */
  readonly isMachineRoot: boolean
  /** Whether our network namespace is that of process 1; undefined where that cannot be seen. */
  readonly isNetworkOfInit: boolean | undefined
}
