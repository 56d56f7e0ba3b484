// Serves one call of a runtime, from its environment and standard input to its exit code. Standard output
// gets the result or the error, and nothing else (CNI SPEC 1.1.0, section 5).

import { parseEnvironment } from '../../src/cni/environment.ts'
import { renderError } from '../../src/cni/failure.ts'
import { parseStdin, pluginTypeOf } from '../../src/config/cni/netconf.ts'
import { writeWhole } from '../../src/output.ts'
import { logToStderr } from '../../src/log.ts'
import { readStdin } from '../stdin.ts'
import type { RawCall } from './call.ts'
import { serveFlatnetCni } from './flatnet-cni.ts'

/** Serves one call and resolves to the exit code. `command` is CNI_COMMAND. */
export async function runPlugin(command: string): Promise<number> {
  let text = ''
  try {
    const environment = parseEnvironment({ ...process.env, CNI_COMMAND: command })
    text = readStdin('network configuration')
    const stdin = parseStdin(text)
    writeWhole(1, await serve({ environment, stdin, now: new Date(), log: logToStderr }))
    return 0
  } catch (error) {
    writeWhole(1, renderError(error, text))
    return 1
  }
}

async function serve(call: RawCall): Promise<string> {
  if (pluginTypeOf(call.stdin) === 'flatnet-cni') return serveFlatnetCni(call)
  return (await import('./flatnet-ipam.ts')).serveFlatnetIpam(call)
}
