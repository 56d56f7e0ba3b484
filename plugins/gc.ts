// GC: removes what no container of this network uses any more (CNI SPEC 1.1.0, section 2, GC). The same for both types.
// What the runtime lists stays, and so does whatever is in use without being listed: two runtimes may share a conflist.

import { CniCode, CniError } from '../src/cni/error.ts'
import { parseStdin } from '../src/config/netconf.ts'
import { parseValidAttachments } from '../src/config/valid-attachments.ts'
import { collect } from '../src/host/collect.ts'
import { stateDirForDel } from '../src/host/settings.ts'
import type { NetworkCall } from './call.ts'

/** Serves GC, silently. @throws CniError after everything that can go has gone, with one line per failure */
export async function cmdGc({ conf, now, log }: NetworkCall, stdin: string): Promise<string> {
  const network = conf.name
  const { removals, failures } = await collect({
    own: conf.own,
    stateDir: stateDirForDel(conf.own, log),
    network,
    valid: parseValidAttachments(parseStdin(stdin)).map((each) => ({ network, ...each })),
    now,
    dryRun: false,
    log,
  })
  for (const { what, why } of removals) log('info', 'collected', { network, what, why })
  if (failures.length === 0) return ''
  throw new CniError(CniCode.IoFailure, 'garbage left over', failures.join('\n'))
}
