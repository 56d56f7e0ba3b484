// Gathers what the statements of this host revoke.

import type { Facts } from '../../check/facts.ts'
import { readCaPool } from '../../host/identity/agent-identity.ts'
import { heldStatements } from '../../host/identity/statements.ts'
import type { GatherContext } from '../context.ts'

export async function gatherRevocations({ get }: GatherContext): Promise<Facts['revocations']> {
  const settings = await get('settings')
  const { bySlot, problems } = heldStatements(settings, readCaPool(settings))
  const revoked = [...bySlot.values()].flatMap(({ statement }) =>
    statement.kind === 'revocation' ? statement.revoked : [],
  )
  return { revoked, problems }
}
