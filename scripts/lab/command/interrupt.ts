// Removes the labs of this process if it ends before it has done so itself: by a signal, by an error, or on
// return.
import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const COMMAND_LINE = join(import.meta.dirname, 'main.ts')
const labs = new Set<string>()

export function rememberLab(name: string): void {
  if (labs.size === 0) {
    for (const signal of SIGNALS) process.on(signal, exitOnSignal)
    process.on('exit', downBeforeExit)
  }
  labs.add(name)
}

export function forgetLab(name: string): void {
  labs.delete(name)
  if (labs.size > 0) return
  for (const signal of SIGNALS) process.off(signal, exitOnSignal)
  process.off('exit', downBeforeExit)
}

function exitOnSignal(signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal])
}

// In another process, while this one blocks: nothing that was in progress here can create anything
// meanwhile.
function downBeforeExit(): void {
  for (const name of labs) {
    spawnSync(process.execPath, [COMMAND_LINE, 'down', '--name', name], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  }
}
