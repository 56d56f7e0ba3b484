// A runtime that may be there for something else than CNI.

import type { Runtime } from '../../facts/conflists.ts'
import type { Finding } from '../../item.ts'

/** The finding about this runtime: what fails where it uses CNI is a warning where that cannot be told. */
export function mildFor({ name, usesCni }: Runtime, finding: Finding): Finding {
  if (usesCni === 'surely' || finding.verdict !== 'fail') return finding
  return {
    ...finding,
    verdict: 'warn',
    seen: `${finding.seen}; whether anything calls ${name} for CNI is not known`,
  }
}
