// Starts and stops units of systemd.

import { CniCode, CniError } from '../../cni/error.ts'
import { run } from '../run.ts'

// A unit may take its whole TimeoutStartSec, and there are several.
const TIMEOUT_MS = 180_000
const QUESTION_MS = 5000

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

/** Returns the main process of a unit; undefined where it has none, or systemd does not answer. */
export async function mainProcessOf(unit: string): Promise<number | undefined> {
  const args = ['show', '--property=MainPID', '--value', '--', unit]
  const { exitCode, stdout } = await run({ file: 'systemctl', args, timeoutMs: QUESTION_MS })
  const pid = Number(stdout.trim())
  return exitCode === 0 && pid > 0 ? pid : undefined
}

/** Tells whether a unit runs. */
export async function isActive(unit: string): Promise<boolean> {
  const command = { file: 'systemctl', args: ['is-active', '--quiet', unit], timeoutMs: TIMEOUT_MS } as const
  return (await run(command)).exitCode === 0
}
