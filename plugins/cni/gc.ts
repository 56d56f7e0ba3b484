// GC: removes what no container of this network uses any more (CNI SPEC 1.1.0, section 2, GC), for both
// types. Keeps what the runtime lists, and what is in use without being listed, because two runtimes may
// share a conflist.

import { CniCode, CniError } from '../../src/cni/error.ts'
import { parseValidAttachments } from '../../src/config/cni/valid-attachments.ts'
import { collect } from '../../src/host/garbage/collect.ts'
import { stateDirForDel } from '../../src/host/identity/settings.ts'
import type { JsonObject } from '../../src/json.ts'
import type { NetworkCall } from './call.ts'

/**
 * Serves GC. Prints nothing.
 * @throws CniError after everything removable has been removed, with one line per failure
 */
export async function cmdGc({ conf, now, log }: NetworkCall, stdin: JsonObject): Promise<string> {
  const network = conf.name
  const { removals, failures } = await collect({
    own: conf.own,
    stateDir: stateDirForDel(conf.own, log),
    network,
    valid: parseValidAttachments(stdin).map((each) => ({ network, ...each })),
    now,
    dryRun: false,
    log,
  })
  for (const { what, why } of removals) log('info', 'collected', { network, what, why })
  if (failures.length === 0) return ''
  throw new CniError(CniCode.IoFailure, 'garbage left over', failures.join('\n'))
}
