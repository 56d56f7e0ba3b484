// The near end of the flows: a UDP datagram and a TCP line every so often, an HTTP request every 100 ms. When stdin ends it
// prints what became of them as JSON. Times are milliseconds since its start.
//
// usage: node flow-client.ts ADDRESS EVERY_MS
import { createSocket } from 'node:dgram'
import { get } from 'node:http'
import { connect } from 'node:net'
import type { FlowReport } from './flow-report.ts'
import { HTTP_PORT, TCP_PORT, UDP_PORT } from './ports.ts'

const HTTP_EVERY_MS = 100
// What is not back by then is lost: several times what a path of the lab takes, delays on purpose included.
const LATE_MS = 3000

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

const http = { asked: 0, failed: 0, slowestMs: 0 }
function ask(): void {
  const start = performance.now()
  http.asked += 1
  const request = get({ host: address, port: HTTP_PORT, timeout: LATE_MS, agent: false }, (response) => {
    response.resume()
    response.on('end', () => (http.slowestMs = Math.max(http.slowestMs, performance.now() - start)))
  })
  request.on('timeout', () => request.destroy(new Error('timeout')))
  request.on('error', () => (http.failed += 1))
}

// A stall of this very process must not pass for an outage: it is told beside the figures.
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
  // What is under way may still arrive.
  setTimeout(() => {
    process.stdout.write(`${JSON.stringify(report())}\n`)
    process.exit(0)
  }, 1500)
})
process.stdin.resume()

function report(): FlowReport {
  const lost = [...udp.sent].filter(([number]) => !udp.back.has(number)).map(([, at]) => at)
  // A connection that stands still until the end has stood still until then.
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
    http: { asked: http.asked, failed: http.failed, slowestMs: Math.round(http.slowestMs) },
  }
}
