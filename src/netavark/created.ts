// The answer to `create`. podman writes it to the network's file, and uses its addresses only for display.

import { formatIp } from '../addr/ip.ts'
import { formatPrefix, networkOf, type Prefix } from '../addr/prefix.ts'
import { bridgeAddress, requestableSpan } from '../addr/range.ts'
import type { Span } from '../addr/span.ts'
import { configError } from '../config/shape.ts'
import type { JsonObject } from '../json.ts'
import type { AskedSubnet, PodmanNetwork } from './network.ts'

/**
 * Describes the network as a host with these subnets provides it. Keeps all keys of the input, because
 * netavark 2 requires some of them.
 * @throws CniError InvalidConfig for a subnet, gateway or range that is not in the host's certificate
 */
export function describeCreated(
  input: JsonObject,
  { subnets: asked, wantsIpv6 }: PodmanNetwork,
  hostSubnets: readonly Prefix[],
): JsonObject {
  const stray = asked.find(({ subnet }) => hostSubnetOf(subnet, hostSubnets) === undefined)
  const has = hostSubnets.map(formatPrefix).join(' and ')
  if (stray !== undefined) {
    const { subnet, path } = stray
    const text = formatPrefix(networkOf(subnet))
    throw configError(path, `${text} is not in this host's certificate, which has ${has}; leave out --subnet`)
  }
  const hasIpv6 = hostSubnets.some(({ family }) => family === 6)
  if (wantsIpv6 && !hasIpv6)
    throw configError('ipv6_enabled', `this host's certificate has ${has} only; leave out --ipv6`)
  return {
    ...describeUnknown(input),
    ipv6_enabled: hasIpv6,
    subnets: hostSubnets.map((subnet) =>
      describeSubnet(
        subnet,
        asked.filter((each) => each.subnet.family === subnet.family),
      ),
    ),
  }
}

/** Describes the network of a host whose subnets are not known yet. */
export function describeUnknown(input: JsonObject): JsonObject {
  return { ...input, dns_enabled: false, ipam_options: { driver: 'none' } }
}

function hostSubnetOf(asked: Prefix, hostSubnets: readonly Prefix[]): Prefix | undefined {
  const text = formatPrefix(networkOf(asked))
  return hostSubnets.find((subnet) => formatPrefix(networkOf(subnet)) === text)
}

function describeSubnet(subnet: Prefix, asked: readonly AskedSubnet[]): JsonObject {
  const bridge = formatIp(bridgeAddress(subnet))
  for (const { gateway, path } of asked) {
    if (gateway !== undefined && formatIp(gateway) !== bridge) {
      const text = formatPrefix(subnet)
      throw configError(
        `${path}.gateway`,
        `${formatIp(gateway)} cannot be used, ${bridge} is the gateway of ${text}; leave out --gateway`,
      )
    }
  }
  const [range] = asked.flatMap((each) =>
    each.range === undefined ? [] : [leasable(subnet, each.range, each.path)],
  )
  return {
    subnet: formatPrefix(networkOf(subnet)),
    gateway: bridge,
    ...(range === undefined
      ? {}
      : { lease_range: { start_ip: formatIp(range.first), end_ip: formatIp(range.last) } }),
  }
}

// Docker's API sends a range up to the broadcast address, so addresses that cannot be leased are cut off.
function leasable(subnet: Prefix, { first, last }: Span, path: string): Span {
  const whole = requestableSpan(subnet)
  const cut = {
    first: first.value < whole.first.value ? whole.first : first,
    last: last.value > whole.last.value ? whole.last : last,
  }
  if (cut.first.value <= cut.last.value) return cut
  throw configError(
    `${path}.lease_range`,
    `${formatIp(first)} to ${formatIp(last)} has no address for containers; ` +
      `take some of ${formatIp(whole.first)} to ${formatIp(whole.last)}`,
  )
}
