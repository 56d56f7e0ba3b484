// Hands questions on to the host's own resolvers, and keeps their answers for as long as they hold.

import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

import { formatIp, type Ip } from '../../addr/ip.ts'
import { startDeadline } from '../../exec/deadline.ts'
import { isAnswerTo, keepable } from '../../names/message.ts'
import { type Query, RCODE, writeRefusal } from '../../names/wire.ts'
import { makeAnswerCache } from './answer-cache.ts'
import { readFrame, writeFrame } from './frames.ts'

/** One question to be handed on. */
interface Handed {
  readonly message: Buffer
  readonly query: Query
  /** TCP questions go on by TCP: the asking side needs a long answer. */
  readonly isTcp: boolean
}

interface Forwarder {
  /** The answer, or SERVFAIL when no resolver answers in time. Never rejects. */
  readonly resolve: (handed: Handed) => Promise<Buffer>
}

/** For one resolver, in time of our own; glibc asks again after five seconds. */
const UPSTREAM_WITHIN_MS = 2000
/** Questions under way at the same time; more than that is a flood. */
const MOST_PENDING = 512

/** @param servers the host's resolvers, in order; asked for each question */
export function makeForwarder(servers: () => readonly Ip[], port: number): Forwarder {
  const cache = makeAnswerCache()
  // A question that is on its way already waits for the same answer. A resolver that is made to ask us again
  // so waits for itself until its time is over, and no loop comes of it.
  const pending = new Map<string, Promise<Buffer>>()

  const askAll = async (handed: Handed): Promise<Buffer> => {
    for (const server of servers()) {
      const answer = await (handed.isTcp ? askTcp : askUdp)({ server, port }, handed)
      if (answer !== undefined && (answer.readUInt16BE(2) & 0xf) !== RCODE.SERVFAIL) return answer
    }
    return writeRefusal(handed.message, RCODE.SERVFAIL)
  }
  return {
    resolve: async (handed) => {
      const { message, query } = handed
      const key = keyOf(handed)
      const kept = cache.get(key)
      if (kept !== undefined) return addressed(kept, message, query)
      let answer = pending.get(key)
      if (answer === undefined) {
        if (pending.size >= MOST_PENDING) return writeRefusal(message, RCODE.SERVFAIL)
        answer = askAll(handed).finally(() => pending.delete(key))
        pending.set(key, answer)
      }
      const found = await answer
      const keep = keepable(found)
      if (keep !== undefined) cache.put(key, found, keep)
      return addressed(found, message, query)
    },
  }
}

// Everything that an answer may depend on: all of the message but its ID, with the letters of the name alike.
function keyOf({ message, query, isTcp }: Handed): string {
  const [head, name, rest] = [
    message.toString('latin1', 2, 12),
    message.toString('latin1', 12, query.end).toLowerCase(),
    message.toString('latin1', query.end),
  ]
  return `${isTcp ? 't' : 'u'}${head}${name}${rest}`
}

// An answer with the ID and the spelling of this question.
function addressed(answer: Buffer, message: Buffer, { end }: Query): Buffer {
  const copy = Buffer.from(answer)
  message.copy(copy, 0, 0, 2)
  if (copy.length >= end && copy.readUInt16BE(4) === 1) message.copy(copy, 12, 12, end)
  return copy
}

interface Upstream {
  readonly server: Ip
  readonly port: number
}

function askUdp({ server, port }: Upstream, { message, query }: Handed): Promise<Buffer | undefined> {
  const question = withRandomId(message)
  return new Promise((resolve) => {
    // Each question has its own socket, and so its own port: a forged answer must match the port and the ID.
    const socket = createSocket(server.family === 4 ? 'udp4' : 'udp6')
    const settle = (answer: Buffer | undefined): void => {
      deadline.clear()
      socket.removeAllListeners('message')
      socket.close()
      resolve(answer)
    }
    const deadline = startDeadline(UPSTREAM_WITHIN_MS, () => settle(undefined))
    socket.once('error', () => settle(undefined))
    socket.on('message', (answer) => {
      if (isAnswerTo(answer, question, query.end)) settle(answer)
    })
    // Connected, so that only the resolver can answer, and a closed port is reported immediately (udp(7)).
    socket.connect(port, formatIp(server), () => socket.send(question))
  })
}

function askTcp({ server, port }: Upstream, { message, query }: Handed): Promise<Buffer | undefined> {
  const question = withRandomId(message)
  return new Promise((resolve) => {
    const socket = connect({ host: formatIp(server), port })
    const settle = (answer: Buffer | undefined): void => {
      deadline.clear()
      socket.destroy()
      resolve(answer)
    }
    const deadline = startDeadline(UPSTREAM_WITHIN_MS, () => settle(undefined))
    let received = Buffer.alloc(0)
    socket.on('error', () => settle(undefined))
    socket.on('close', () => settle(undefined))
    socket.on('connect', () => socket.write(writeFrame(question)))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const frame = readFrame(received)
      if (frame !== undefined)
        settle(isAnswerTo(frame.message, question, query.end) ? frame.message : undefined)
    })
  })
}

function withRandomId(message: Buffer): Buffer {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(randomInt(0x10000), 0)
  return copy
}
