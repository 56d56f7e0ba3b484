// `teardown`: works from the record alone, because it is called at most once, and namespace, network and
// settings may have changed.

import { removeAttachment } from '../../src/host/attachments/remove.ts'
import { readTarget } from '../../src/netavark/request.ts'
import type { NetavarkCall } from './call.ts'

/** Serves `teardown`. Prints nothing. @throws CniError only if something is left */
export async function teardown({ input, now, log }: NetavarkCall): Promise<void> {
  const target = readTarget(input)
  if (target !== undefined) await removeAttachment(target, now, log)
}
