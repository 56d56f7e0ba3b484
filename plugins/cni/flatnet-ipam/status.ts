// STATUS of the IPAM plugin: tells whether there is a subnet with a free address.

import { requireReady } from '../../../src/host/readiness.ts'
import type { NetworkCall } from '../call.ts'

/** Serves STATUS. Prints nothing. @throws CniError PluginUnavailable with every reason */
export async function cmdStatus({ conf, now, log }: NetworkCall): Promise<string> {
  await requireReady({ own: conf.own, now, log, links: false })
  return ''
}
