// Loads modules into the kernel.

import { CniCode, CniError } from '../../cni/error.ts'
import { run } from '../run.ts'

const TIMEOUT_MS = 60_000

/** Loads modules, and what they need. @throws CniError CommandRefused with what modprobe said */
export async function modprobe(modules: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await run({
    file: 'modprobe',
    args: ['-a', '--', ...modules],
    timeoutMs: TIMEOUT_MS,
  })
  if (exitCode === 0) return
  throw new CniError(
    CniCode.CommandRefused,
    'modules not loaded',
    `modprobe -a ${modules.join(' ')}: ${stderr.trim() || `exit ${String(exitCode)}`}; ` +
      'then run the same command again',
  )
}
