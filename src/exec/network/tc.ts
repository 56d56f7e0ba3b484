// Runs iproute2's `tc`.

import { CniCode, CniError } from '../../cni/error.ts'
import { run } from '../run.ts'

/**
 * Runs one `tc` command, in the namespace at `netns` if given. @throws CniError CommandRefused with the
 * message of `tc`
 */
export async function tc(args: readonly string[], netns?: string): Promise<void> {
  const { exitCode, stderr } = await run({ file: 'tc', args, ...(netns === undefined ? {} : { netns }) })
  if (exitCode === 0) return
  const where = netns === undefined ? '' : ` in ${netns}`
  throw new CniError(
    CniCode.CommandRefused,
    'tc command refused',
    `tc ${args.join(' ')}${where}: ${stderr.trim()} (exit ${String(exitCode)}; ` +
      'check that the kernel has sch_tbf: modprobe sch_tbf)',
  )
}
