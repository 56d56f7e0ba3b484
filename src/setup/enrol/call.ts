// Calls the office: opens the channel with the code, and exchanges messages one by one.

import { connect, type TLSSocket } from 'node:tls'
import { CHANNEL, type Secret } from '../../provision/enrolment/channel.ts'
import { frame, messagesOf } from '../../provision/enrolment/frames.ts'
import {
  cutOff,
  expected,
  type FromHost,
  type FromOffice,
  MOST_FROM_OFFICE,
  readFromOffice,
  versioned,
} from '../../provision/enrolment/messages.ts'
import type { Target } from '../../provision/enrolment/target.ts'
import { callFailure, silent } from './failures.ts'

/** A channel to an office. */
export interface Channel {
  /** Waits for a message of this kind. @throws CniError as the office refuses, or as the channel breaks */
  readonly take: <Kind extends FromOffice['kind']>(
    kind: Kind,
  ) => Promise<Extract<FromOffice, { readonly kind: Kind }>>
  readonly send: (message: FromHost) => void
  readonly close: () => void
}

const CONNECT_MS = 15_000
const PROMPT_MS = 60_000
// The office may derive a key from a passphrase, and others may be before this host.
const ANSWER_MS = 320_000

/** Calls. @throws CniError that says what is in the way */
export async function callOffice(target: Target, secret: Secret): Promise<Channel> {
  const socket = await opened(target, secret)
  const messages = messagesOf(socket, 'the office', MOST_FROM_OFFICE)
  let failure: unknown
  socket.on('error', (error) => (failure ??= error))
  socket.on('timeout', () => socket.destroy(silent(target)))
  return {
    take: async (kind) => {
      socket.setTimeout(kind === 'certificate' ? ANSWER_MS : PROMPT_MS)
      try {
        const { value } = await messages.next()
        return expected(value === undefined ? undefined : readFromOffice(value), kind)
      } catch (error) {
        socket.destroy()
        throw callFailure(target, failure ?? error)
      }
    },
    send: (message) => void socket.write(frame(versioned(message))),
    close: () => void socket.end(),
  }
}

function opened(target: Target, { identity, key }: Secret): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...CHANNEL,
      host: target.host,
      port: target.port,
      pskCallback: () => ({ identity, psk: key }),
      // There is no certificate: the code alone proves who is there.
      checkServerIdentity: () => undefined,
    })
    const fail = (error: unknown): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(callFailure(target, error))
    }
    const timer = setTimeout(() => fail(silent(target)), CONNECT_MS)
    const closed = (): void => fail(cutOff())
    socket.once('close', closed)
    socket.once('error', fail)
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      socket.off('close', closed)
      resolve(socket)
    })
  })
}
