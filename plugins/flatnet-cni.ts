// The CNI type "flatnet-cni": one call of the executable by a runtime, from its environment and standard input to its
// exit code. Standard output gets the result or the error, and nothing else (CNI SPEC 1.1.0, section 5).

import { readFileSync } from 'node:fs'
import { parseEnvironment } from '../src/cni/environment.ts'
import { CniCode, CniError } from '../src/cni/error.ts'
import { renderError } from '../src/cni/failure.ts'
import { parseNetConf } from '../src/config/netconf.ts'
import { writeWhole } from '../src/exec/output.ts'
import { logToStderr } from '../src/log.ts'

/** Serves one call; resolves to the exit code. `command` is CNI_COMMAND. */
export async function runPlugin(command: string): Promise<number> {
  let stdin = ''
  try {
    const environment = parseEnvironment({ ...process.env, CNI_COMMAND: command })
    stdin = readStdin()
    // DEL has to work with whatever an earlier version once accepted.
    const conf = parseNetConf(stdin, environment.verb !== 'DEL')
    const call = { environment, conf, now: new Date(), log: logToStderr }
    switch (environment.verb) {
      case 'ADD': {
        const { cmdAdd } = await import('./flatnet-cni/add.ts')
        writeWhole(1, await cmdAdd(call))
        break
      }
      case 'DEL': {
        const { cmdDel } = await import('./flatnet-cni/del.ts')
        await cmdDel(call)
        break
      }
      case 'CHECK': {
        const { cmdCheck } = await import('./flatnet-cni/check.ts')
        await cmdCheck(call)
        break
      }
    }
    return 0
  } catch (error) {
    writeWhole(1, renderError(error, stdin))
    return 1
  }
}

function readStdin(): string {
  try {
    return readFileSync(0, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CniError(CniCode.IoFailure, 'standard input not readable', reason, { cause: error })
  }
}
