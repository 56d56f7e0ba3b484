// The IPAM type "flatnet-ipam": addresses of the host's certificate for whichever plugin delegates to us (CNI SPEC 1.1.0,
// section 4). Container ID and interface name are the caller's, so is everything in the configuration but `ipam`.

import { requireVerb } from '../src/cni/version.ts'
import { parseIpamConf } from '../src/config/ipam-conf.ts'
import type { RawCall } from './call.ts'

/** Serves one call; resolves to what goes to standard output. @throws CniError */
export async function serveFlatnetIpam({ environment, stdin, now, log }: RawCall): Promise<string> {
  const { verb } = environment
  const conf = parseIpamConf(stdin, verb !== 'DEL' && verb !== 'GC')
  requireVerb(verb, conf.cniVersion)
  switch (environment.verb) {
    case 'ADD':
      return (await import('./flatnet-ipam/add.ts')).cmdAdd({ environment, conf, now, log })
    case 'DEL':
      return (await import('./flatnet-ipam/del.ts')).cmdDel({ environment, conf, now, log })
    case 'CHECK':
      return (await import('./flatnet-ipam/check.ts')).cmdCheck({ environment, conf, now, log })
    case 'GC':
      return (await import('./gc.ts')).cmdGc({ conf, now, log }, stdin)
    case 'STATUS':
      return (await import('./flatnet-ipam/status.ts')).cmdStatus({ conf, now, log })
  }
}
