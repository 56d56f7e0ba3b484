// The near end of the flows: UDP datagrams and TCP lines at a fixed interval, and an HTTP request every 100
// ms. When stdin ends, it prints the results as JSON. Times are milliseconds since its start.
//
// usage: node flow-client.ts ADDRESS EVERY_MS
import { createSocket } from 'node:dgram'
import { get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FlowReport } from './flow-report.ts'
import { HTTP_PORT, TCP_PORT, UDP_PORT } from './ports.ts'

const HTTP_EVERY_MS = 100
const AGAIN_MS = 100
// A person in front of a browser would call it an outage. It is reported, but it is not a failure on a busy
// machine.
const LATE_MS = 3000
// Ends what hangs. A request that is answered by then has not failed, however busy the machine is.
const GIVE_UP_MS = 60_000

const [address = '', everyMs = ''] = process.argv.slice(2)
const begun = performance.now()
const now = (): number => performance.now() - begun

const udp = { sent: new Map<number, number>(), back: new Map<number, number>(), next: 0 }
const socket = createSocket('udp4')
socket.on('message', (data) => udp.back.set(data.readUInt32BE(0), now()))
socket.on('error', () => undefined)

const tcp = { sent: 0, arrivals: [0], received: 0, alive: true, pending: '' }
const stream = connect(TCP_PORT, address)
stream.setNoDelay(true)
stream.on('data', (data) => {
  tcp.received += data.toString().split('\n').length - 1
  tcp.arrivals.push(now())
})
stream.on('error', () => (tcp.alive = false))
stream.on('close', () => (tcp.alive = false))

const http = { asked: 0, failed: 0, late: 0, slowestMs: 0, pending: 0 }
function ask(): void {
  const start = performance.now()
  http.asked += 1
  http.pending += 1
  const request = get({ host: address, port: HTTP_PORT, timeout: GIVE_UP_MS, agent: false }, (response) => {
    response.resume()
    response.on('end', () => {
      const tookMs = performance.now() - start
      http.slowestMs = Math.max(http.slowestMs, tookMs)
      if (tookMs > LATE_MS) http.late += 1
    })
  })
  request.on('close', () => (http.pending -= 1))
  request.on('timeout', () => request.destroy(new Error('timeout')))
  request.on('error', () => (http.failed += 1))
}

// A stall of this process must not pass for an outage, so it is reported beside the figures.
let lastTick = now()
let worstOwnGap = 0
const ticker = setInterval(() => {
  worstOwnGap = Math.max(worstOwnGap, now() - lastTick)
  lastTick = now()
  const datagram = Buffer.alloc(64)
  datagram.writeUInt32BE(udp.next)
  udp.sent.set(udp.next, now())
  udp.next += 1
  socket.send(datagram, UDP_PORT, address, () => undefined)
  if (tcp.alive && stream.writable) {
    tcp.sent += 1
    stream.write(`line ${String(tcp.sent)}\n`)
  }
}, Number(everyMs))
const asker = setInterval(ask, HTTP_EVERY_MS)

let endedAt = Infinity
process.stdin.on('end', () => {
  endedAt = now()
  clearInterval(ticker)
  clearInterval(asker)
  void drained().then(() => {
    process.stdout.write(`${JSON.stringify(report())}\n`)
    process.exit(0)
  })
})
process.stdin.resume()

// Packets in flight may still arrive. On a working path they arrive before the answer to a later datagram, so
// one is sent now and then. If none is answered, the path is dead at the end.
async function drained(): Promise<void> {
  const first = udp.next
  const end = performance.now() + GIVE_UP_MS
  const isAnswered = (): boolean => [...udp.back.keys()].some((number) => number >= first)
  for (let marker = first; performance.now() < end && !isAnswered(); marker++) {
    const datagram = Buffer.alloc(64)
    datagram.writeUInt32BE(marker)
    socket.send(datagram, UDP_PORT, address, () => undefined)
    await sleep(AGAIN_MS)
  }
  await sleep(AGAIN_MS)
  while (http.pending > 0) await sleep(AGAIN_MS)
}

function report(): FlowReport {
  const lost = [...udp.sent].filter(([number]) => !udp.back.has(number)).map(([, at]) => at)
  // A connection that is stalled at the end has been stalled until the end.
  const arrivals = [...tcp.arrivals.filter((at) => at <= endedAt), endedAt]
  const gaps = arrivals.map((at, index) => at - (arrivals[index - 1] ?? 0))
  return {
    startedAt: Date.now() - now(),
    ownGapMs: Math.round(worstOwnGap),
    udp: { sent: udp.sent.size, lost: lost.length, lostAt: lost.map(Math.round) },
    tcp: {
      sent: tcp.sent,
      received: tcp.received,
      isAlive: tcp.alive,
      worstStallMs: Math.round(Math.max(0, ...gaps)),
    },
    http: {
      asked: http.asked,
      failed: http.failed,
      late: http.late,
      slowestMs: Math.round(http.slowestMs),
    },
  }
}
