// Asks the HTTP Gateway's nginx over its Unix socket (lua/flatnet/admin.lua answers).

import { request } from 'node:http'
import { readJson } from '../../api/body.ts'
import { CniCode, CniError, errorText } from '../../cni/error.ts'
import { startDeadline } from '../../exec/deadline.ts'
import { isObject, type JsonObject } from '../../json.ts'

const WITHIN_MS = 10_000
const MOST_ANSWER_BYTES = 1_048_576

/** @throws CniError IoFailure when it does not answer, CommandRefused with its reason when it refuses */
export async function askGateway(
  socketPath: string,
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  body?: string,
): Promise<JsonObject> {
  const { status, value } = await send(socketPath, method, path, body)
  if (!isObject(value)) throw noAnswer(socketPath, `answered ${String(status)} without JSON`)
  if (status === 200) return value
  const reason = typeof value['error'] === 'string' ? value['error'] : 'no reason given'
  throw new CniError(
    CniCode.CommandRefused,
    'HTTP Gateway refused',
    `${method} ${path}: ${reason} (status ${String(status)})`,
  )
}

function send(
  socketPath: string,
  method: string,
  path: string,
  body: string | undefined,
): Promise<{ readonly status: number; readonly value: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'gateway', 'content-length': Buffer.byteLength(body ?? ''), connection: 'close' }
    const asked = request({ socketPath, method, path, headers, agent: false })
    const deadline = startDeadline(WITHIN_MS, () =>
      asked.destroy(noAnswer(socketPath, `did not answer within ${String(WITHIN_MS)} ms`)),
    )
    asked.on('response', (answer) => {
      readJson(answer, MOST_ANSWER_BYTES)
        .then(
          (value) => resolve({ status: answer.statusCode ?? 0, value }),
          (error: unknown) => reject(noAnswer(socketPath, errorText(error))),
        )
        .finally(() => deadline.clear())
    })
    asked.on('error', (error) => {
      deadline.clear()
      reject(error instanceof CniError ? error : noAnswer(socketPath, error.message))
    })
    asked.end(body)
  })
}

function noAnswer(socketPath: string, what: string): CniError {
  return new CniError(
    CniCode.IoFailure,
    'HTTP Gateway does not answer',
    `${socketPath}: ${what}; see /var/log/flatnet/http-gateway-error.log, and start it: flatnet-cni ` +
      'http-gateway install',
  )
}
