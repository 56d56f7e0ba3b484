// Source routing of one attachment in its container (net/source-routing.ts). A container starts without it on
// a kernel that lacks it (CONFIG_IP_MULTIPLE_TABLES).

import { parseShown } from '../../ip/show.ts'
import { formatIp } from '../../addr/ip.ts'
import { CniError } from '../../cni/error.ts'
import { ipBatch, ipShow } from '../../exec/network/ip.ts'
import type { Log } from '../../log.ts'
import type { SourceRouting } from '../../net/source-routing.ts'

/** Makes tables and rules in the namespace at `netns`. Logs a warning if the kernel refuses them. */
export async function routeBySource(plans: readonly SourceRouting[], netns: string, log: Log): Promise<void> {
  for (const plan of plans) {
    const address = formatIp(plan.address)
    const { family } = plan.address
    try {
      await ipBatch(plan.routes, netns)
      if (!(await hasRule(plan, netns))) await ipBatch([plan.rule], netns, family)
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      const consequence = `answers from ${address} may leave by another network of the container`
      log('warn', 'no source routing', {
        address,
        error: `${error.details ?? error.message}; ${consequence}`,
      })
    }
  }
}

async function hasRule({ address, table }: SourceRouting, netns: string): Promise<boolean> {
  const shown = await ipShow([address.family === 6 ? '-6' : '-4', 'rule', 'show'], netns)
  const rules = parseShown<{ readonly src?: string; readonly table?: string }>(shown)
  return rules.some((rule) => rule.src === formatIp(address) && rule.table === String(table))
}
