// Gathers what stands in the way of published ports.

import type { Facts } from '../../check/facts.ts'
import { onAbsentAddress } from '../../host/ports/absent-addresses.ts'
import { describeProgram, hostPrograms } from '../../host/ports/host-programs.ts'
import { livingWithPorts } from '../../host/ports/publish.ts'
import { describeKey } from '../../net/attachment.ts'
import { describeHostPort } from '../../net/ports/mapping.ts'
import type { GatherContext } from '../context.ts'

/** Compares the published ports with the host's listeners and addresses. @throws CniError IoFailure */
export async function gatherPublishedPorts({ get }: GatherContext): Promise<Facts['publishedPorts']> {
  const { stateDir } = await get('settings')
  const records = livingWithPorts(stateDir)
  const ports = records.flatMap((record) => (record.ports ?? []).map((mapping) => ({ record, mapping })))
  const lacking = new Set(await onAbsentAddress(ports.map(({ mapping }) => mapping)))
  return {
    count: ports.length,
    contested: (await hostPrograms(records)).map(({ record, mapping, ...found }) => ({
      port: describeHostPort(mapping),
      attachment: describeKey(record),
      program: describeProgram(found),
    })),
    absent: ports
      .filter(({ mapping }) => lacking.has(mapping))
      .map(({ record, mapping }) => ({
        port: describeHostPort(mapping),
        attachment: describeKey(record),
        address: mapping.hostIp ?? '',
      })),
  }
}
