// Gathers what a renewed certificate that waits would change.

import type { Facts } from '../../check/facts.ts'
import { waitingRenewal } from '../../host/identity/waiting-renewal.ts'
import type { GatherContext } from '../context.ts'

export async function gatherRenewal({ get }: GatherContext): Promise<Facts['renewal']> {
  const [settings, now] = [await get('settings'), await get('now')]
  return { differences: waitingRenewal(settings, now)?.differences ?? [] }
}
