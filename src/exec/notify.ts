// Tells systemd how the agent fares (sd_notify(3)). Node has no datagram Unix sockets, so systemd's own program does it; where
// nobody has set NOTIFY_SOCKET nothing is done. The watchdog is told by the route guard (guard.ts).

import { run } from './run.ts'

/** The agent serves; `status` is the sentence that `systemctl status` shows. @throws CniError IoFailure */
export async function notifyReady(status: string): Promise<void> {
  await notify('READY=1', status)
}

/** The agent reads its configuration anew; {@link notifyReady} ends it. @throws CniError IoFailure */
export async function notifyReloading(): Promise<void> {
  await notify('RELOADING=1', 'reads its configuration anew')
}

/** The agent is about to end. @throws CniError IoFailure */
export async function notifyStopping(): Promise<void> {
  await notify('STOPPING=1', 'takes its routes away')
}

// Assignments, not --reloading and --stopping, which systemd 252 does not know.
async function notify(state: string, status: string): Promise<void> {
  if (!process.env['NOTIFY_SOCKET']) return
  const sentence = status.replaceAll(/\s+/g, ' ')
  const args = [state, `STATUS=${sentence}`]
  await run({ file: 'systemd-notify', args, pass: ['NOTIFY_SOCKET'], timeoutMs: 5_000 })
}
