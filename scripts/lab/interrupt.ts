// Takes this process's labs down when it ends without having done so: told to by a signal, by an error, or by itself.
import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const COMMAND_LINE = join(import.meta.dirname, '../lab.ts')
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

// In another process, while this one stands still: nothing that was under way here can make anything new meanwhile.
function downBeforeExit(): void {
  for (const name of labs) {
    spawnSync(process.execPath, [COMMAND_LINE, 'down', '--name', name], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  }
}
