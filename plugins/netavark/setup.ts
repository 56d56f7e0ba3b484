// `setup`: turns netavark's words into a request, and what was added into a status block.

import { CniCode, CniError } from '../../src/cni/error.ts'
import type { AttachmentRequest } from '../../src/config/attachment-request.ts'
import { type Added, addAttachment } from '../../src/host/attachments/add.ts'
import { removeAttachment } from '../../src/host/attachments/remove.ts'
import { callersCaller } from '../../src/kernel/presence.ts'
import { parseSetup } from '../../src/netavark/request.ts'
import type { NetavarkCall } from './call.ts'
import { statusBlock } from './status-block.ts'

/** An answer, and how to undo what it reports. */
interface SetUp {
  readonly answer: string
  readonly undo: () => Promise<void>
}

/** Serves `setup`. @throws CniError, with nothing left behind */
export async function setup({ input, netns, now, log }: NetavarkCall): Promise<SetUp> {
  const starter = callersCaller()
  const request = { ...parseSetup(input, netns), ...(starter === undefined ? {} : { starter }) }
  const added = await addOrCollect(request, { now, log })
  return {
    answer: JSON.stringify(statusBlock(added)),
    undo: () => removeAttachment(request, now, log),
  }
}

const TAKEN: readonly number[] = [CniCode.AddressTaken, CniCode.PortTaken, CniCode.RangeExhausted]

// A podman that is killed forgets the namespace it has made, and its `rm` calls no teardown. So no container
// may be behind what stands in the way.
async function addOrCollect(
  request: AttachmentRequest,
  { now, log }: Pick<NetavarkCall, 'now' | 'log'>,
): Promise<Added> {
  try {
    return await addAttachment(request, now, log)
  } catch (error) {
    if (!(error instanceof CniError) || !TAKEN.includes(error.code)) throw error
    const { loadSettings } = await import('../../src/host/identity/settings.ts')
    const { collectProven } = await import('../../src/host/garbage/collect.ts')
    const { stateDir } = loadSettings(request.own)
    const { removals } = await collectProven(stateDir, { now, dryRun: false, log })
    if (removals.length === 0) throw error
    for (const { what, why } of removals) log('info', 'garbage removed', { what, why })
    return addAttachment(request, now, log)
  }
}
