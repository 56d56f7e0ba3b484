// Leases addresses to an attachment whose links another plugin makes.

import { unixSeconds } from '../../unix-time.ts'
import type { Prefix } from '../../addr/prefix.ts'
import type { AttachmentRequest } from '../../config/attachment-request.ts'
import { refuseRootless } from '../../kernel/proc.ts'
import type { Log } from '../../log.ts'
import { openStore } from '../../state/addresses/store.ts'
import { loadIdentity } from '../identity/identity.ts'
import { loadSettings } from '../identity/settings.ts'
import { enterableNetns } from './container-netns.ts'
import { newRecord } from './new-record.ts'

/** Leases one address per family of the host's certificate. @throws CniError, with nothing left behind */
export async function leaseAddresses(
  request: AttachmentRequest,
  now: Date,
  log: Log,
): Promise<readonly Prefix[]> {
  refuseRootless()
  const settings = loadSettings(request.own)
  const netns = enterableNetns(request.netns)
  const identity = await loadIdentity(settings, unixSeconds(now))
  for (const warning of identity.warnings)
    log('warn', 'host certificate', { file: settings.nebula.cert, error: warning })
  const store = openStore(settings.stateDir)
  const { addresses, record } = await store.reserve({
    key: request.key,
    replaces: false,
    wanted: identity.subnets.map((subnet) => ({ subnet })),
    requested: request.ips,
    netns,
    makeRecord: (chosen, granted) => newRecord(request, { netns, addresses: chosen, granted, now }),
  })
  await store.commit(record)
  return addresses
}
