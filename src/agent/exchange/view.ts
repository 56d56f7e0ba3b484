// What the exchange of certificates works from.

import type { AgentSettings } from '../../config/agent-settings.ts'
import type { Settings } from '../../config/settings.ts'
import type { AgentIdentity } from '../../host/identity/agent-identity.ts'
import type { HeldStatements } from '../../host/identity/statements.ts'
import type { Peers } from '../../host/identity/peers.ts'

/** The agent's state at this moment. */
export interface ExchangeView {
  readonly settings: Settings
  readonly agent: AgentSettings
  readonly identity: AgentIdentity
  readonly statements: HeldStatements
  readonly blocklist: ReadonlySet<string>
  readonly peers: Peers
}
