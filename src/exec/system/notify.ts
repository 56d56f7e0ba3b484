// Reports the agent's state to systemd (sd_notify(3)). Uses systemd's own program, because Node has no Unix
// datagram sockets. Without NOTIFY_SOCKET it does nothing. Failures are only logged, because the agent runs
// without systemd too. The route guard feeds the watchdog (guard.ts).

import { CniError, errorText } from '../../cni/error.ts'
import type { Log } from '../../log.ts'
import { run } from '../run.ts'

/** Reports that the agent is ready. `systemctl status` shows `status`, one sentence. */
export async function notifyReady(status: string, log: Log): Promise<void> {
  await notify('READY=1', status, log)
}

/** Reports that the agent is reloading its configuration. {@link notifyReady} ends this state. */
export async function notifyReloading(log: Log): Promise<void> {
  await notify('RELOADING=1', 'reloads its configuration', log)
}

/** Reports that the agent is stopping. */
export async function notifyStopping(log: Log): Promise<void> {
  await notify('STOPPING=1', 'removes its routes', log)
}

// Pass assignments, because systemd 252 does not know --reloading and --stopping.
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
    if (exitCode !== 0) log('warn', 'systemd not notified', { what: state, error: stderr.trim() })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    log('warn', 'systemd not notified', { what: state, error: errorText(error) })
  }
}
