// Takes this process's labs down when it is told to end, and when it ends without having done so.
import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { downLab } from './down.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const labs = new Set<string>()
let ending = false

export function rememberLab(name: string): void {
  if (labs.size === 0) {
    for (const signal of SIGNALS) process.on(signal, endOnSignal)
    process.on('exit', downBeforeExit)
  }
  labs.add(name)
}

export function forgetLab(name: string): void {
  labs.delete(name)
  if (labs.size > 0 || ending) return
  for (const signal of SIGNALS) process.off(signal, endOnSignal)
  process.off('exit', downBeforeExit)
}

function endOnSignal(signal: NodeJS.Signals): void {
  // A second Ctrl-C does not interrupt the clearing away.
  if (ending) return
  ending = true
  void Promise.allSettled([...labs].map(downLab)).then((results) => {
    if (results.every(({ status }) => status === 'fulfilled')) labs.clear()
    process.exit(128 + constants.signals[signal])
  })
}

// Nothing asynchronous runs in an exit handler, so another process does the work.
function downBeforeExit(): void {
  for (const name of labs) {
    spawnSync(process.execPath, [join(import.meta.dirname, '../lab.ts'), 'down', '--name', name], {
      stdio: 'inherit',
    })
  }
}
