// Starts and stops units of systemd.

import { CniCode, CniError } from '../../cni/error.ts'
import { run } from '../run.ts'

// A unit may take its whole TimeoutStartSec, and there are several.
const TIMEOUT_MS = 180_000

/** Runs systemctl. @throws CniError CommandRefused with what it said */
export async function systemctl(...args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await run({ file: 'systemctl', args, timeoutMs: TIMEOUT_MS })
  if (exitCode === 0) return
  const said = `${stderr}${stdout}`.trim()
  throw new CniError(
    CniCode.CommandRefused,
    'systemctl refused',
    `systemctl ${args.join(' ')}: ${said === '' ? `exit ${String(exitCode)}` : said}`,
  )
}

/** Tells whether a unit runs. */
export async function isActive(unit: string): Promise<boolean> {
  const command = { file: 'systemctl', args: ['is-active', '--quiet', unit], timeoutMs: TIMEOUT_MS } as const
  return (await run(command)).exitCode === 0
}
