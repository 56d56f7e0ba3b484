// Pings the lighthouses through the overlay.

import { parseIp } from '../../addr/ip.ts'
import type { Facts } from '../../check/facts.ts'
import { ping } from '../../exec/network/ping.ts'
import type { GatherContext } from '../context.ts'

const LIGHTHOUSE_SECONDS = 3

export async function gatherLighthouses({ get }: GatherContext): Promise<Facts['lighthouses']> {
  const { lighthouse, staticHostMap } = await get('nebulaConfig')
  const asked = lighthouse.amLighthouse === true ? [] : lighthouse.hosts
  const hosts = asked.flatMap((overlay) => {
    const ip = parseIp(overlay)
    return ip === undefined ? [] : [{ overlay, ip }]
  })
  return {
    hosts: await Promise.all(
      hosts.map(async ({ overlay, ip }) => {
        // The first packet of a new tunnel waits for the handshake, which takes a second on a slow machine.
        const answers = await ping(ip, LIGHTHOUSE_SECONDS)
        return { overlay, underlay: staticHostMap.get(overlay) ?? [], answers }
      }),
    ),
  }
}
