// A host of the office in words.

import { formatIp } from '../../../addr/ip.ts'
import { parsePrefix } from '../../../addr/prefix.ts'
import type { Assignment } from '../../../provision/office/ledger.ts'

/** Returns what the host has: "10.86.1.1/16, containers in 10.87.1.0/24". */
export function addressesText({ overlay, subnets }: Pick<Assignment, 'overlay' | 'subnets'>): string {
  const containers = subnets.length === 0 ? 'no containers' : `containers in ${subnets.join(', ')}`
  return `${overlay.join(', ')}, ${containers}`
}

/**
 * Returns how hosts come to use gateways; no line without one. Hosts are not told of gateways by themselves:
 * each has the gateway path that its operator has chosen.
 */
export function gatewayLines(hosts: readonly Pick<Assignment, 'overlay' | 'gateway'>[]): readonly string[] {
  const vias = hosts.filter(({ gateway }) => gateway).map(({ overlay }) => overlayIp(overlay[0] ?? ''))
  const [first, ...others] = vias
  if (first === undefined) return []
  return [
    `Hosts that are to use the gateway${others.length > 0 ? `s ${vias.join(', ')}` : ''} have this in ` +
      '/etc/flatnet/flatnet.json, and then run flatnet-cni sync:',
    `  "gateway": {"via": "${first}"}`,
  ]
}

/** Returns what becomes of hosts that use these as gateways. */
export function formerGatewayLines(hosts: readonly Pick<Assignment, 'overlay'>[]): readonly string[] {
  return hosts.map(
    ({ overlay }) =>
      `Hosts that have "gateway": {"via": "${overlayIp(overlay[0] ?? '')}"} in /etc/flatnet/flatnet.json ` +
      'lose their gateway path: name another gateway there, or none, and run flatnet-cni sync',
  )
}

/** Returns how other hosts come to know where a lighthouse is now. */
export function moveLines({
  overlay,
  endpoints,
}: Pick<Assignment, 'overlay' | 'endpoints'>): readonly string[] {
  return [
    'Other hosts look for it where their own bundle said. Give each a new one (host add NAME --again), or ' +
      'change static_host_map in /etc/nebula/config.yml there, and reload Nebula:',
    `  "${overlayIp(overlay[0] ?? '')}": ${JSON.stringify(endpoints)}`,
  ]
}

function overlayIp(text: string): string {
  const prefix = parsePrefix(text)
  return prefix === undefined ? text : formatIp(prefix)
}
