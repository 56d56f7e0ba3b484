// Starts and stops the agent in a place of the lab, as the boot command in /etc/wsl.conf would.
import type { Place } from './place.ts'
import { waitUntil } from '../run.ts'

const LOG = '/var/log/flatnet-agent.log'
const PID_FILE = '/run/flatnet-agent.pid'

/** Starts the agent and returns when it answers. @throws Error with the end of its log when it does not */
export async function startAgent(place: Place): Promise<void> {
  const script = 'setsid /opt/cni/bin/flatnet-cni agent </dev/null >>"$1" 2>&1 & echo $! > "$2"'
  await place.exec(['sh', '-c', script, 'sh', LOG, PID_FILE])
  try {
    await waitUntil(`the agent of ${place.name} to answer`, 15_000, async () => {
      return (
        (await place.exec(['grep', '-q', '"ready":true', '/run/flatnet/agent.json'], { check: false }))
          .exitCode === 0
      )
    })
  } catch (error) {
    throw new Error(`${place.name}: no agent\n${await agentLog(place, 20)}`, { cause: error })
  }
}

/** Sends a signal to the agent by its process ID. */
export async function signalAgent(place: Place, signal: string): Promise<void> {
  await place.exec(['sh', '-c', 'kill -s "$1" "$(cat "$2")"', 'sh', signal, PID_FILE])
}

/** Stops the agent with SIGTERM and waits until it has exited. */
export async function stopAgent(place: Place): Promise<void> {
  await place.exec(['sh', '-c', 'kill "$(cat "$1")"', 'sh', PID_FILE], { check: false })
  await waitUntil(`the end of the agent of ${place.name}`, 10_000, async () => {
    const { exitCode } = await place.exec(['sh', '-c', 'kill -0 "$(cat "$1")" 2>/dev/null', 'sh', PID_FILE], {
      check: false,
    })
    return exitCode !== 0
  })
}

/** Returns the last lines of the agent's log. */
export async function agentLog(place: Place, lines: number): Promise<string> {
  return (await place.exec(['tail', '-n', String(lines), LOG], { check: false })).stdout
}
