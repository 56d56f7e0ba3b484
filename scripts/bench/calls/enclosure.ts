// Confines the bench to a set of new namespaces: network, mounts, processes. They end with their first
// process (pid_namespaces(7)), together with every link, rule, mount and process in them, so a run leaves
// nothing behind however it ends. Only one folder on disk remains to be removed.

import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Report } from './report.ts'

/** The orders to the process inside, passed as JSON in its first argument. */
export interface Orders {
  readonly work: string
  readonly executable: string
  readonly runs: number
  readonly only: string
  readonly breakdown: boolean
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const INSIDE = join(import.meta.dirname, 'inside.ts')

/**
 * Runs the measurements. Ctrl-C and similar signals end the run and this process, after the cleanup.
 * @throws Error when the run ended without a report; stderr then has the reason
 */
export async function runEnclosed(orders: Omit<Orders, 'work'>): Promise<Report> {
  // Not the folder for temporary files, which may be a tmpfs: both sides write files that must reach a disk.
  const work = mkdtempSync('/var/tmp/flatnet-bench-')
  const executable = join(work, 'flatnet-cni')
  const unshare = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child']
  // The shell stays process 1 and reaps orphans, such as podman's conmon, whose end podman waits for.
  const reaper = ['sh', '-c', '"$@"; exit $?', 'sh']
  const run = [
    ...reaper,
    process.execPath,
    INSIDE,
    JSON.stringify({ ...orders, work, executable } satisfies Orders),
  ]
  try {
    copyFileSync(orders.executable, executable)
    const child = spawn('unshare', [...unshare, '--propagation', 'private', '--', ...run], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let report: Report | undefined
    let signalled: NodeJS.Signals | undefined
    const onSignal = (signal: NodeJS.Signals): void => {
      signalled = signal
      child.kill('SIGKILL')
    }
    for (const signal of SIGNALS) process.on(signal, onSignal)
    child.on('message', (message: Report) => (report = message))
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (exitCode) => resolve(exitCode ?? -1))
    })
    if (signalled !== undefined) {
      remove(work)
      process.exit(128 + constants.signals[signalled])
    }
    for (const signal of SIGNALS) process.off(signal, onSignal)
    if (report === undefined) throw new Error(`the run ended without a report (exit code ${code})`)
    return report
  } finally {
    remove(work)
  }
}

// The last processes inside may still be exiting.
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}
