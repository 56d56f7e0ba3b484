// CHECK: compares the attachment with what ADD left (CNI SPEC 1.1.0, section 2, CHECK). Prints nothing
// if they are equal. Later plugins of the chain may have changed MAC, MTU and routes, so prevResult
// decides about those.

import { CniCode, CniError } from '../../../src/cni/error.ts'
import type { CniResult } from '../../../src/cni/result.ts'
import { placeOf } from '../../../src/config/cni/netconf.ts'
import { configError } from '../../../src/config/shape.ts'
import { type Belief, inspectAttachment } from '../../../src/host/attachments/inspect.ts'
import type { Call } from '../call.ts'

/** Serves CHECK. @throws CniError CheckFailed that names everything missing or different */
export async function cmdCheck({ environment, conf }: Call): Promise<string> {
  const result = conf.prevResult
  if (result === undefined) throw configError('prevResult', 'CHECK needs the result of ADD')
  const { ifname, netns } = environment
  const faults = await inspectAttachment(placeOf(conf, environment), beliefOf(result, ifname, netns))
  if (faults.length === 0) return ''
  throw new CniError(CniCode.CheckFailed, 'attachment is not as it should be', faults.join('; '))
}

// Some runtimes write an empty MAC if they do not know it.
function beliefOf({ interfaces, ips, routes }: CniResult, ifname: string, netns: string): Belief {
  const link = interfaces.find(({ name, sandbox }) => name === ifname && sandbox === netns)
  const mac = link === undefined || link.mac === '' ? undefined : link.mac
  return { source: 'prevResult', addresses: ips.map(({ address }) => address), mac, routes }
}
