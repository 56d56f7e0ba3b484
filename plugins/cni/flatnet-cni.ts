// The CNI type "flatnet-cni": links, addresses, routes and rules of one attachment. Decides what
// each verb loads.

import { requireVerb } from '../../src/cni/version.ts'
import { parseNetConf } from '../../src/config/cni/netconf.ts'
import type { RawCall } from './call.ts'

/** Serves one call and resolves to the text for standard output. @throws CniError */
export async function serveFlatnetCni({ environment, stdin, now, log }: RawCall): Promise<string> {
  const { verb } = environment
  const conf = parseNetConf(stdin, verb !== 'DEL' && verb !== 'GC')
  requireVerb(verb, conf.cniVersion)
  switch (environment.verb) {
    case 'ADD':
      return (await import('./flatnet-cni/add.ts')).cmdAdd({ environment, conf, now, log })
    case 'DEL':
      return (await import('./flatnet-cni/del.ts')).cmdDel({ environment, conf, now, log })
    case 'CHECK':
      return (await import('./flatnet-cni/check.ts')).cmdCheck({ environment, conf, now, log })
    case 'GC':
      return (await import('./gc.ts')).cmdGc({ conf, now, log }, stdin)
    case 'STATUS':
      return (await import('./flatnet-cni/status.ts')).cmdStatus({ conf, now, log })
  }
}
