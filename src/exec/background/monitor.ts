// Follows the kernel's notifications about links, addresses and routes while the agent runs.

import { keepRunning } from './keep-running.ts'
import { type Background, startBackground } from './start.ts'

/** The receiver of the notifications. */
interface MonitorListener {
  /** Receives one line of `ip -oneline monitor label` (ip/monitor-line.ts parses it). */
  readonly onLine: (line: string) => void
  /** The monitor exited and was restarted. Changes in between are unknown. */
  readonly onGap: () => void
}

// In iproute2 6.1, `ip -j monitor` still prints plain text.
const ARGS = ['-oneline', 'monitor', 'label', 'link', 'address', 'route']

// A listener that cannot keep up gets ENOBUFS (netlink(7)), and the monitor exits.
const FIRST_PAUSE_MS = 100

/** Starts the monitor and resolves once its process runs. @returns a function that stops it */
export async function startMonitor({ onLine, onGap }: MonitorListener): Promise<() => void> {
  let monitor: Background | undefined
  return keepRunning({
    start: async () => (monitor = startBackground({ file: 'ip', args: ARGS, onLine })),
    end: () => monitor?.kill(),
    firstPauseMs: FIRST_PAUSE_MS,
    onRestart: onGap,
  })
}
