// What the kernel supports.

import type { Facts } from '../../check/facts.ts'
import { tryKernel } from '../../host/network/kernel-trials.ts'
import { type GatherContext, QUESTION_PART } from '../context.ts'

/**
 * Tries each feature.
 * @throws CniError when `ip`, `nft` or `unshare` is missing, and when no network namespace can be created
 */
export function gatherKernel({ limitMs }: GatherContext): Promise<Facts['kernel']> {
  return tryKernel(limitMs * QUESTION_PART)
}
