// Ports published on an address that this host does not have. They become reachable when the address appears
// (a VPN, a floating address), so they are published with a warning.

import { contains } from '../../addr/prefix.ts'
import { parseIp } from '../../addr/ip.ts'
import type { Log } from '../../log.ts'
import { describeHostPort, isForAnyAddress, type PortMapping } from '../../net/ports/mapping.ts'
import { localAddresses } from '../routes/kernel-routes.ts'

/** Returns the mappings whose address this host does not have now. */
export async function onAbsentAddress(ports: readonly PortMapping[]): Promise<readonly PortMapping[]> {
  const named = ports.flatMap((mapping) => {
    const address = isForAnyAddress(mapping) ? undefined : parseIp(mapping.hostIp ?? '')
    return address === undefined ? [] : [{ mapping, address }]
  })
  const families = [...new Set(named.map(({ address }) => address.family))]
  const local = (await Promise.all(families.map(localAddresses))).flat()
  return named
    .filter(({ address }) => !local.some((own) => contains(own, address)))
    .map(({ mapping }) => mapping)
}

/** Warns in the log, once per ADD. */
export async function warnOfAbsentAddresses(ports: readonly PortMapping[], log: Log): Promise<void> {
  const [first, ...more] = await onAbsentAddress(ports)
  if (first === undefined) return
  log('warn', 'published on an address that this host does not have', {
    address: first.hostIp ?? '',
    error:
      describeHostPort(first) +
      (more.length === 0 ? '' : ` and ${String(more.length)} more ports`) +
      ' cannot be reached until the host has that address; see ip address, or publish without an address',
  })
}
