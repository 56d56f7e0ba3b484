// Describes what `setup` has made as netavark reads it (netavark, plugin-API.md, "Setup"). podman shows
// it in `inspect`, writes it to the container's /etc/hosts, and asks for the same address again in
// `network reload`.

import { formatIp } from '../../src/addr/ip.ts'
import { formatPrefix } from '../../src/addr/prefix.ts'
import type { Added } from '../../src/host/attachments/add.ts'
import type { JsonObject } from '../../src/json.ts'

/** Describes an attachment. */
export function statusBlock({ bridge, link, addresses, names }: Added): JsonObject {
  const subnets = addresses.map((address) => {
    const gateway = bridge.addresses.find(({ family }) => family === address.family)
    return { ipnet: formatPrefix(address), ...(gateway && { gateway: formatIp(gateway) }) }
  })
  return {
    interfaces: { [link.ifname]: { mac_address: link.mac, subnets } },
    dns_server_ips: names?.servers ?? [],
    dns_search_domains: names?.search ?? [],
  }
}
