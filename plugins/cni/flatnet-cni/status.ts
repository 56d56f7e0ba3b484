// STATUS: tells whether an ADD would succeed, and whether containers reach other hosts (CNI SPEC 1.1.0,
// section 2, STATUS).

import { requireReady } from '../../../src/host/readiness.ts'
import type { NetworkCall } from '../call.ts'

/**
 * Serves STATUS. Prints nothing.
 * @throws CniError PluginUnavailable or LimitedConnectivity with every reason
 */
export async function cmdStatus({ conf, now, log }: NetworkCall): Promise<string> {
  await requireReady({ own: conf.own, now, log, links: true })
  return ''
}
