// Gathers what this host is for.

import type { Facts } from '../../check/facts.ts'
import { roleOf } from '../../host/identity/role.ts'
import type { GatherContext } from '../context.ts'

export async function gatherRole({ get }: GatherContext): Promise<Facts['role']> {
  return roleOf(await get('settings'))
}
