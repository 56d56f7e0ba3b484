// What there is to know about this host for `flatnet-cni check`. Types only: src/diagnose gathers each member once, on
// first need, and all members that are needed side by side. One interface per file in facts/, named for its member.

/** A member that could not be gathered makes the items that need it skip with the reason. */
export interface Facts {
  /** Unix time in seconds. */
  readonly now: number
}
