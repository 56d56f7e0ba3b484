// The address of this host on its LAN.

import { ipShow } from '../../exec/network/ip.ts'
import { parseShown } from '../../ip/show.ts'

// RFC 5737: set aside for documentation, so that only the default route leads there. Nothing is sent.
const ELSEWHERE = ['192.0.2.1', '2001:db8::1'] as const

/** Returns the source address of the default route, IPv4 first; undefined without one. */
export async function lanAddress(): Promise<string | undefined> {
  for (const destination of ELSEWHERE) {
    const [route] = parseShown<{ readonly prefsrc?: string }>(await ipShow(['route', 'get', destination]))
    if (route?.prefsrc !== undefined) return route.prefsrc
  }
  return undefined
}
