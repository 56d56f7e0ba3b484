// Many WebSockets while what nginx knows changes: none may end, and each must go on to echo.

import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { waitUntil } from '../../lab/run.ts'
import type { PatientScope } from '../../../test/fixtures/clean-up.ts'
import { type Office, HOST, openOffice } from './office.ts'

interface Held {
  readonly counts: Readonly<Record<string, number>>
  readonly faults: readonly string[]
}

const CHANGES_A_ROUND = 20
// Node.js lets 511 connections wait. The kernel leaves more unanswered, and nginx gives those up.
const OPENED_AT_A_TIME = 100
const UPGRADE = [
  `GET /ws HTTP/1.1`,
  `Host: ${HOST}`,
  'Upgrade: websocket',
  'Connection: Upgrade',
  '',
  '',
].join('\r\n')

interface Line {
  readonly socket: Socket
  /** How many echoes have come. */
  echoes: number
  isOpen: boolean
}

/**
 * Holds that many WebSockets over that many changes; the container itself comes and goes.
 * @param isOver ends it early
 */
export async function holdSockets(
  scope: PatientScope,
  { sockets, changes }: { readonly sockets: number; readonly changes: number },
  isOver: () => boolean = () => false,
): Promise<Held> {
  const office = await openOffice(scope, echoServer())
  const lines: Line[] = []
  scope.teardown(() => {
    for (const { socket } of lines) socket.destroy()
  })
  while (lines.length < sockets) {
    const count = Math.min(OPENED_AT_A_TIME, sockets - lines.length)
    for (let left = count; left > 0; left -= 1) lines.push(openLine(office.gateway.port))
    await echoed(lines, 1)
  }
  let [done, rounds] = [0, 1]
  while (done < changes && !isOver()) {
    done += await changeSome(office, Math.min(CHANGES_A_ROUND, changes - done))
    rounds += 1
    for (const { socket, isOpen } of lines) if (isOpen) socket.write('x')
    await echoed(lines, rounds)
  }
  const lost = lines.filter(({ isOpen }) => !isOpen).length
  return {
    counts: { sockets, changes: done, echoes: lines.reduce((sum, line) => sum + line.echoes, 0), lost },
    faults: lost === 0 ? [] : [`${String(lost)} of ${String(sockets)} WebSockets have ended`],
  }
}

async function changeSome(office: Office, count: number): Promise<number> {
  const all = ['nothing', 'container', 'neighbour', 'container'] as const
  for (let index = 0; index < count; index += 1) await office.change(all[index % all.length] ?? 'container')
  return count
}

async function echoed(lines: readonly Line[], rounds: number): Promise<void> {
  await waitUntil(`${String(rounds)} echoes of each WebSocket`, 60_000, async () =>
    lines.every(({ echoes, isOpen }) => !isOpen || echoes >= rounds),
  )
}

function openLine(port: number): Line {
  const line: Line = { socket: connect(port, '127.0.0.1'), echoes: 0, isOpen: true }
  let head = ''
  line.socket.setEncoding('latin1')
  line.socket.on('data', (chunk: string) => {
    if (head.endsWith('\r\n\r\n')) line.echoes += chunk.length
    else {
      head += chunk
      if (head.endsWith('\r\n\r\n')) line.socket.write('x')
    }
  })
  line.socket.on('error', () => undefined)
  line.socket.on('close', () => (line.isOpen = false))
  line.socket.write(UPGRADE)
  return line
}

// nginx does not look at what the two ends send after the upgrade: any bytes will do.
function echoServer(): ReturnType<typeof createServer> {
  const server = createServer()
  server.on('upgrade', (_, socket: Socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n')
    socket.pipe(socket)
  })
  return server
}
