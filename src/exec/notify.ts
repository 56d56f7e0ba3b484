// Tells systemd how the agent fares (sd_notify(3)). Node has no datagram Unix sockets, so systemd's own program does it; where
// nobody has set NOTIFY_SOCKET nothing is done. What fails is logged: the agent goes on whoever hears of it. The watchdog is
// told by the route guard (guard.ts).

import { CniError } from '../cni/error.ts'
import type { Log } from '../log.ts'
import { run } from './run.ts'

/** The agent serves; `status` is the sentence that `systemctl status` shows. */
export async function notifyReady(status: string, log: Log): Promise<void> {
  await notify('READY=1', status, log)
}

/** The agent reads its configuration anew; {@link notifyReady} ends it. */
export async function notifyReloading(log: Log): Promise<void> {
  await notify('RELOADING=1', 'reads its configuration anew', log)
}

/** The agent is about to end. */
export async function notifyStopping(log: Log): Promise<void> {
  await notify('STOPPING=1', 'takes its routes away', log)
}

// Assignments, not --reloading and --stopping, which systemd 252 does not know.
async function notify(state: string, status: string, log: Log): Promise<void> {
  if (!process.env['NOTIFY_SOCKET']) return
  const sentence = status.replaceAll(/\s+/g, ' ')
  const args = [state, `STATUS=${sentence}`]
  try {
    const { exitCode, stderr } = await run({
      file: 'systemd-notify',
      args,
      pass: ['NOTIFY_SOCKET'],
      timeoutMs: 5_000,
    })
    if (exitCode !== 0) log('warn', 'systemd not told', { what: state, error: stderr.trim() })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    log('warn', 'systemd not told', { what: state, error: `${error.message}: ${error.details}` })
  }
}
