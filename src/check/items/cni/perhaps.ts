// Runtimes that may be installed for purposes other than CNI.

import type { Runtime } from '../../facts/conflists.ts'
import type { Finding } from '../../item.ts'

/**
 * Returns the finding for this runtime. A failure becomes a warning where it is unknown whether the runtime
 * uses CNI.
 */
export function mildFor({ name, usesCni }: Runtime, finding: Finding): Finding {
  if (usesCni === 'surely' || finding.verdict !== 'fail') return finding
  return {
    ...finding,
    verdict: 'warn',
    seen: `${finding.seen}; it is unknown whether ${name} is used with CNI`,
  }
}
