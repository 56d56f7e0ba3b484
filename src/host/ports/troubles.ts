// Finds out why clients do not reach published ports.

import type { AttachmentRecord } from '../../net/attachment.ts'
import type { PortMapping } from '../../net/ports/mapping.ts'
import type { PortTroubleView } from '../../views/containers.ts'
import { onAbsentAddress } from './absent-addresses.ts'
import { describeProgram, hostPrograms } from './host-programs.ts'

/**
 * Compares the ports of these attachments with the host's listeners and addresses. @throws CniError IoFailure
 */
export async function portTroubles(
  records: readonly AttachmentRecord[],
): Promise<ReadonlyMap<PortMapping, PortTroubleView>> {
  const found = new Map<PortMapping, PortTroubleView>()
  for (const { mapping, listener, holder } of await hostPrograms(records))
    found.set(mapping, { kind: 'host-program', says: describeProgram({ listener, holder }) })
  for (const mapping of await onAbsentAddress(records.flatMap(({ ports = [] }) => ports)))
    found.set(mapping, { kind: 'absent-address', says: `this host does not have ${mapping.hostIp ?? ''}` })
  return found
}
