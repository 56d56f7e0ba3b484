// What this host is for.

export interface RoleFacts {
  /**
   * A lighthouse whose certificate has no subnet: it runs no containers, and needs nothing that serves them.
   */
  readonly isBareLighthouse: boolean
}
