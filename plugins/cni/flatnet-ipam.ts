// The IPAM type "flatnet-ipam": addresses of the host's certificate, for any plugin that delegates to it
// (CNI SPEC 1.1.0, section 4). Container ID, interface name and the configuration, except `ipam`, belong to
// the calling plugin.

import { requireVerb } from '../../src/cni/version.ts'
import { parseIpamConf } from '../../src/config/cni/ipam-conf.ts'
import type { RawCall } from './call.ts'

/** Serves one call and resolves to the text for standard output. @throws CniError */
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
