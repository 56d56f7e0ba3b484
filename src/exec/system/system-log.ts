// Writes to the host's system log (journald, or another syslog). Uses logger(1), because Node has no Unix
// datagram sockets.

import { existsSync } from 'node:fs'
import { CniError } from '../../cni/error.ts'
import { run } from '../run.ts'

const SOCKET = '/dev/log'
const IDENTIFIER = 'flatnet-cni'
// logger(1) waits for a log that does not read. Starting the container matters more.
const TIMEOUT_MS = 2_000

/** Writes the lines under the name flatnet-cni. Does nothing on a host without a system log. */
export async function writeSystemLog(level: 'info' | 'warning', lines: readonly string[]): Promise<void> {
  if (!existsSync(SOCKET)) return
  const args = ['-t', IDENTIFIER, '-p', `daemon.${level}`]
  try {
    await run({ file: 'logger', args, input: `${lines.join('\n')}\n`, timeoutMs: TIMEOUT_MS })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
  }
}
