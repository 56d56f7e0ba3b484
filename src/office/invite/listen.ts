// Waits for hosts on a TCP port, opens channels with those that know the code, and keeps off the others: few
// connections at a time, little time for each, and a pause after each wrong code.

import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { CniCode, CniError, errnoCode } from '../../cni/error.ts'
import { CHANNEL, type Secret } from '../../provision/enrolment/channel.ts'
import type { WrongCodes } from '../../provision/enrolment/wrong-codes.ts'

interface ListenOptions {
  /** An address of this machine; undefined for all. */
  readonly host: string | undefined
  /** Tried in order. */
  readonly ports: readonly number[]
  readonly secret: Secret
  readonly wrongCodes: WrongCodes
  /** A wrong code came, or another kind of client. */
  readonly onRefused: (address: string, why: 'code' | 'client') => void
  /** Talks with a host that knows the code. The socket is closed when it resolves. */
  readonly talk: (socket: TLSSocket, address: string) => Promise<void>
}

export interface Listening {
  readonly port: number
  /** Stops, and waits for conversations that have begun. */
  readonly close: () => Promise<void>
  /** Stops, and breaks off conversations. */
  readonly abort: () => void
}

// A silent connection costs a file descriptor. Beyond this many, the oldest without a code makes room.
const MOST_STRANGERS = 16
const HANDSHAKE_MS = 10_000
const SILENCE_MS = 120_000
const FAREWELL_MS = 5000
const WRONG = /DECRYPTION_FAILED|BAD_RECORD_MAC|PSK_IDENTITY_NOT_FOUND/

/** Listens. @throws CniError IoFailure when no port is free */
export async function listen(options: ListenOptions): Promise<Listening> {
  const strangers = new Set<Socket>()
  const guests = new Set<TLSSocket>()
  const talks = new Set<Promise<void>>()
  const channel = createTlsServer({
    ...CHANNEL,
    handshakeTimeout: HANDSHAKE_MS,
    pskCallback: (_, identity) => (identity === options.secret.identity ? options.secret.key : null),
  })
  channel.on('tlsClientError', (error, socket) => {
    const address = addressOf(socket)
    const isWrong = WRONG.test(errnoCode(error) ?? '')
    if (isWrong) options.wrongCodes.add(address)
    if (isWrong || errnoCode(error)?.startsWith('ERR_SSL_') === true)
      options.onRefused(address, isWrong ? 'code' : 'client')
    socket.destroy()
  })
  channel.on('secureConnection', (socket) => {
    guests.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => guests.delete(socket))
    socket.setTimeout(SILENCE_MS, () => socket.destroy())
    const talk = options.talk(socket, addressOf(socket)).finally(() => {
      talks.delete(talk)
      leave(socket)
    })
    talks.add(talk)
  })
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    strangers.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => strangers.delete(socket))
    const [oldest] = strangers
    if (strangers.size > MOST_STRANGERS) oldest?.destroy()
    const begin = (): void => {
      if (!socket.destroyed) channel.emit('connection', socket)
    }
    const pauseMs = options.wrongCodes.pauseMs(addressOf(socket))
    const timer = setTimeout(begin, pauseMs)
    socket.on('close', () => clearTimeout(timer))
  })
  channel.on('secureConnection', (socket) => {
    for (const stranger of strangers)
      if (stranger.remotePort === socket.remotePort && addressOf(stranger) === addressOf(socket))
        strangers.delete(stranger)
  })
  const port = await bind(server, options.host, options.ports)
  const stop = (): void => {
    server.close()
    for (const socket of strangers) socket.destroy()
  }
  return {
    port,
    close: async () => {
      stop()
      await Promise.allSettled(talks)
      await Promise.all([...guests].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    },
    abort: () => {
      stop()
      for (const socket of guests) socket.destroy()
    },
  }
}

// What was sent last has to arrive: closing over bytes that were not read would take it back (RFC 9293, 3.6).
function leave(socket: TLSSocket): void {
  socket.end()
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS)
  socket.once('close', () => clearTimeout(timer))
}

async function bind(server: Server, host: string | undefined, ports: readonly number[]): Promise<number> {
  let failure: unknown
  for (const port of ports) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return port
    } catch (error) {
      failure = error
      if (errnoCode(error) !== 'EADDRINUSE') break
    }
  }
  throw notListening(failure, host, ports)
}

function notListening(error: unknown, host: string | undefined, ports: readonly number[]): CniError {
  const code = errnoCode(error) ?? String(error)
  const where = host === undefined ? `TCP port ${ports.join(', ')}` : `${host}, TCP port ${ports.join(', ')}`
  const advice =
    code === 'EADDRNOTAVAIL'
      ? 'this machine does not have that address: see ip address'
      : code === 'EACCES'
        ? 'ports below 1024 need root: choose a higher one'
        : 'choose another with --listen ADDRESS:PORT'
  return new CniError(CniCode.IoFailure, 'cannot listen', `${where}: ${code}; ${advice}`, { cause: error })
}

function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}
