import { createSocket } from 'node:dgram'
import t from 'tap'

import {
  readLinkIndex,
  readLinkPackets,
  readProcLocal,
  readProcRoutes,
  readUptimeMs,
} from '../../../src/kernel/proc.ts'

t.test('packets of a link in both directions', async (t) => {
  const before = readLinkPackets('lo') ?? NaN
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send('x', 9, '127.0.0.1', resolve))
  socket.close()
  t.ok((readLinkPackets('lo') ?? NaN) >= before + 2, 'a packet on loopback is sent and received')
  t.equal(readLinkPackets('no-such-link'), undefined)
  t.equal(readLinkPackets('l'), undefined, 'a part of the name is not enough')
  t.equal(readLinkPackets(''), undefined)
})

t.test('the index of a link', (t) => {
  t.equal(readLinkIndex('lo'), 1, 'loopback is the first link of each namespace')
  t.equal(readLinkIndex('no-such-link'), undefined)
  t.equal(readLinkIndex(''), undefined)
  t.end()
})

t.test('the time since boot advances', (t) => {
  const first = readUptimeMs()
  t.ok(first > 0 && Number.isFinite(first))
  t.ok(readUptimeMs() >= first)
  t.end()
})

t.test('routes and addresses of this namespace', (t) => {
  t.match(readProcRoutes(4), /^Iface\tDestination/)
  t.match(readProcLocal(4), /127\.0\.0\.1/)
  t.end()
})
