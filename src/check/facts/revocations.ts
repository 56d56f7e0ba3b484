// What the CAs of this host have revoked, as its statements say.

import type { Revoked } from '../../provision/statement/statement.ts'

export interface RevocationFacts {
  readonly revoked: readonly Revoked[]
  /** Statements that cannot be used, each in a sentence that names the file. */
  readonly problems: readonly string[]
}
