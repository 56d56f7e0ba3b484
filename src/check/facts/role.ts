// What this host is for.

export interface RoleFacts {
  /** A lighthouse whose certificate has no container subnet: it needs nothing that serves containers. */
  readonly isBareLighthouse: boolean
  /** Its certificate has a whole pool: it forwards between the other hosts. */
  readonly isGateway: boolean
}
