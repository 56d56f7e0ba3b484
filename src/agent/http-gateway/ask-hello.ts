// Asks another host's HTTP Gateway over the LAN to prove whose it is.

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { type Agent, request } from 'node:http'
import type { Socket } from 'node:net'
import { readJson } from '../../api/body.ts'
import { errorText } from '../../cni/error.ts'
import { startDeadline } from '../../exec/deadline.ts'
import { type ProofKey, proofOf } from '../../http-gateway/proof.ts'
import type { Heard } from '../../http-gateway/recognition.ts'
import { isObject } from '../../json.ts'

export interface Question {
  /** ADDRESS:PORT on the LAN. */
  readonly address: string
  readonly key: ProofKey
  /** The first overlay address of the host that is asked. */
  readonly overlay: string
}

// Milliseconds of own time. Two silent questions in a row take less than the 5 s within which a Gateway that
// has died is to be shown.
const WITHIN_MS = 1000
const MOST_BYTES = 4096

/**
 * Asks once. Never rejects.
 * @param agent keeps the connection: its end tells of the other nginx's end without a question
 * @param onSocket called with the connection of the question
 */
export function askHello(
  question: Question,
  agent: Agent,
  onSocket: (socket: Socket) => void,
): Promise<Heard> {
  const { address, key } = question
  const nonce = randomBytes(16).toString('hex')
  return new Promise((resolve) => {
    const asked = request(`http://${address}/api/v1/hello?key=${key.id}&nonce=${nonce}`, {
      agent,
      headers: { accept: 'application/json' },
    })
    const deadline = startDeadline(WITHIN_MS, () => asked.destroy(new Error('no answer in time')))
    const settle = (heard: Heard): void => {
      deadline.clear()
      resolve(heard)
    }
    asked.on('socket', onSocket)
    asked.on('error', (error) => settle({ kind: 'silent', why: error.message }))
    asked.on('response', (response) => {
      readJson(response, MOST_BYTES).then(
        (said) => settle(judge(question, nonce, said)),
        (error: unknown) => {
          settle(strange(errorText(error)))
          asked.destroy()
        },
      )
    })
    asked.end()
  })
}

function judge({ key, overlay }: Question, nonce: string, said: unknown): Heard {
  if (!isObject(said)) return strange('the answer is no JSON object')
  const { proof, error } = said
  if (typeof proof !== 'string')
    return strange(
      isObject(error) && error['reason'] === 'unknown-key'
        ? 'it does not know this host'
        : 'the answer has no proof',
    )
  const [given, wanted] = [proof, proofOf(key, overlay, nonce)].map((text) => Buffer.from(text))
  const isProved = given?.length === wanted?.length && given && wanted && timingSafeEqual(given, wanted)
  return isProved === true ? { kind: 'proved' } : strange('the proof is wrong')
}

function strange(why: string): Heard {
  return { kind: 'stranger', why }
}
