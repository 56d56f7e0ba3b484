// One call of the executable by a runtime, from its environment and standard input to its exit code. Standard output gets
// the result or the error, and nothing else (CNI SPEC 1.1.0, section 5).

import { readFileSync } from 'node:fs'
import { parseEnvironment } from '../src/cni/environment.ts'
import { CniCode, CniError } from '../src/cni/error.ts'
import { renderError } from '../src/cni/failure.ts'
import { parseStdin, pluginTypeOf } from '../src/config/netconf.ts'
import { writeWhole } from '../src/exec/output.ts'
import { logToStderr } from '../src/log.ts'
import type { RawCall } from './call.ts'
import { serveFlatnetCni } from './flatnet-cni.ts'

/** Serves one call; resolves to the exit code. `command` is CNI_COMMAND. */
export async function runPlugin(command: string): Promise<number> {
  let text = ''
  try {
    const environment = parseEnvironment({ ...process.env, CNI_COMMAND: command })
    text = readStdin()
    const call = { environment, stdin: text, now: new Date(), log: logToStderr }
    writeWhole(1, await serve(call))
    return 0
  } catch (error) {
    writeWhole(1, renderError(error, text))
    return 1
  }
}

async function serve(call: RawCall): Promise<string> {
  if (pluginTypeOf(parseStdin(call.stdin)) === 'flatnet-cni') return serveFlatnetCni(call)
  return (await import('./flatnet-ipam.ts')).serveFlatnetIpam(call)
}

function readStdin(): string {
  try {
    return readFileSync(0, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CniError(CniCode.IoFailure, 'standard input not readable', reason, { cause: error })
  }
}
