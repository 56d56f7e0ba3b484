// Waits until nginx runs the installed files. `nginx -t` does not run the Lua (lua module 0.10.23), and an
// nginx that cannot load it keeps its old workers after a reload.

import { setTimeout as sleep } from 'node:timers/promises'
import { CniCode, CniError, errorText } from '../../cni/error.ts'
import { startDeadline } from '../../exec/deadline.ts'
import { readTail } from '../../state/files/output-file.ts'
import { luaRelease } from './configuration.ts'
import { lastWords } from './nginx.ts'
import { type GatewayPlaces, LOG_FOLDER } from './places.ts'
import { askGateway } from './push-client.ts'

const START_MS = 15_000
const LOOK_AGAIN_MS = 100
const TAIL_BYTES = 8192

/** @throws CniError CommandRefused with the last words of nginx's log when it does not come to run them */
export async function waitForRelease({ pushSocket }: GatewayPlaces): Promise<void> {
  let isOver = false
  const { clear } = startDeadline(START_MS, () => (isOver = true))
  try {
    for (;;) {
      const said = await askGateway(pushSocket, 'GET', '/v1/status').catch((error: unknown) => {
        if (error instanceof CniError) return { problem: errorText(error) }
        throw error
      })
      if ('release' in said && said['release'] === luaRelease()) return
      if (isOver)
        throw notRunning('problem' in said ? String(said.problem) : 'it still runs the files before')
      await sleep(LOOK_AGAIN_MS)
    }
  } finally {
    clear()
  }
}

function notRunning(problem: string): CniError {
  const log = `${LOG_FOLDER}/http-gateway-error.log`
  const lines = (readTail(log, TAIL_BYTES) ?? '').trimEnd().split('\n')
  const words = lastWords(lines.slice(-5).join('\n'))
  return new CniError(
    CniCode.CommandRefused,
    'nginx does not run the new files',
    `${problem}; ${log}: ${words === '' ? 'says nothing' : words}`,
  )
}
