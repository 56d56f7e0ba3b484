// STATUS of the IPAM plugin: is there a subnet, and an address left in it.

import { requireReady } from '../../src/host/readiness.ts'
import type { NetworkCall } from '../call.ts'

/** Serves STATUS, silently. @throws CniError PluginUnavailable with every reason */
export async function cmdStatus({ conf, now, log }: NetworkCall): Promise<string> {
  await requireReady({ own: conf.own, now, log, links: false })
  return ''
}
