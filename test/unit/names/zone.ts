import t from 'tap'

import { answer, type Authority } from '../../../src/names/answer.ts'
import { labelOf } from '../../../src/names/label.ts'
import { RCODE, TYPE } from '../../../src/names/wire.ts'
import { clashesIn, makeZone } from '../../../src/names/zone.ts'
import type { RegistryEntry } from '../../../src/registry/entry.ts'
import { prefix } from '../../fixtures/addresses.ts'

const entry = (
  names: readonly string[],
  addresses: readonly string[],
  ports: readonly string[] = [],
): RegistryEntry => ({
  id: names.join('-'),
  names,
  network: 'flatnet',
  ifname: 'eth0',
  addresses,
  ports: ports.map((text) => {
    const [hostPort, containerPort, protocol] = text.split(/[:/]/)
    return {
      protocol: protocol === 'udp' ? 'udp' : 'tcp',
      hostPort: Number(hostPort),
      containerPort: Number(containerPort),
      hostIp: null,
    }
  }),
  exposed: [],
  labels: {},
  since: '2026-01-01T00:00:00Z',
})

const ZONE = makeZone([
  {
    name: 'host-a',
    containers: [
      entry(['web', 'shop'], ['10.87.1.10', 'fd87:0:0:1::a'], ['8080:80/tcp', '8443:443/tcp', '53:5353/udp']),
      entry(['My_App.1'], ['10.87.1.11']),
      entry(['worker'], ['10.87.1.12']),
      entry(['worker'], ['10.87.1.13']),
      entry([], ['10.87.1.14']),
    ],
  },
  { name: 'host-b', containers: [entry(['web'], ['10.87.2.10']), entry(['db'], ['10.87.2.11'])] },
])
const AUTHORITY: Authority = {
  zone: ZONE,
  domain: ['flatnet', 'internal'],
  serial: 7,
  pools: [prefix('10.87.0.0/16'), prefix('fd87::/48')],
}

/**
 * "0 10.87.1.10": response code, and the data of answers and authority; "3 SOA" for a name that there is not.
 */
function ask(name: string, type: keyof typeof TYPE): string {
  const reply = answer({ labels: name.split('.'), type: TYPE[type], class: 1 }, AUTHORITY)
  if (reply === undefined) return 'forwarded'
  const shown = [...reply.answers, ...reply.authority].map(({ type: of, data }) => show(of, data))
  return [String(reply.rcode), ...shown].join(' ')
}

function show(type: number, data: Buffer): string {
  if (type === TYPE.SOA) return 'SOA'
  if (type === TYPE.A) return data.join('.')
  if (type === TYPE.AAAA) return data.toString('hex')
  const port = type === TYPE.SRV ? `${String(data.readUInt16BE(4))}/` : ''
  return port + nameIn(data.subarray(type === TYPE.SRV ? 6 : 0))
}

function nameIn(data: Buffer): string {
  const labels: string[] = []
  for (let at = 0; (data[at] ?? 0) > 0; at += 1 + (data[at] ?? 0))
    labels.push(data.toString('latin1', at + 1, at + 1 + (data[at] ?? 0)))
  return labels.join('.')
}

const REVERSE6 = 'a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.7.8.d.f.ip6.arpa'
const CASES: readonly (readonly [name: string, type: keyof typeof TYPE, says: string])[] = [
  ['web.flatnet.internal', 'A', '0 10.87.1.10'],
  ['web.flatnet.internal', 'AAAA', '0 fd87000000000001000000000000000a'],
  ['web.flatnet.internal', 'ANY', '0 10.87.1.10 fd87000000000001000000000000000a'],
  ['shop.flatnet.internal', 'A', '0 10.87.1.10'],
  ['web.host-b.flatnet.internal', 'A', '0 10.87.2.10'],
  ['db.flatnet.internal', 'A', '0 10.87.2.11'],
  ['db.host-a.flatnet.internal', 'A', '3 SOA'],
  ['db.flatnet.internal', 'AAAA', '0 SOA'],
  ['db.flatnet.internal', 'PTR', '0 SOA'],
  ['my-app-1.flatnet.internal', 'A', '0 10.87.1.11'],
  ['my_app-1.flatnet.internal', 'A', '0 10.87.1.11'],
  ['worker.flatnet.internal', 'A', '0 10.87.1.12 10.87.1.13'],
  ['nothing.flatnet.internal', 'A', '3 SOA'],
  ['host-a.flatnet.internal', 'A', '0 SOA'],
  ['a.b.c.flatnet.internal', 'A', '3 SOA'],
  ['flatnet.internal', 'SOA', '0 SOA'],
  ['flatnet.internal', 'A', '0 SOA'],
  ['internal', 'A', 'forwarded'],
  ['web.flatnet.internal.example', 'A', 'forwarded'],
  ['xflatnet.internal', 'A', 'forwarded'],
  ['_tcp.web.flatnet.internal', 'SRV', '0 80/web.flatnet.internal 443/web.flatnet.internal'],
  ['_8443._tcp.web.flatnet.internal', 'SRV', '0 443/web.flatnet.internal'],
  ['_udp.web.host-a.flatnet.internal', 'SRV', '0 5353/web.host-a.flatnet.internal'],
  ['_8443._tcp.web.flatnet.internal', 'A', '0 SOA'],
  ['_99._tcp.web.flatnet.internal', 'SRV', '3 SOA'],
  ['_tcp.db.flatnet.internal', 'SRV', '3 SOA'],
  ['_http._8080._tcp.web.flatnet.internal', 'SRV', '3 SOA'],
  ['11.2.87.10.in-addr.arpa', 'PTR', '0 db.host-b.flatnet.internal'],
  ['11.2.87.10.in-addr.arpa', 'A', '0 SOA'],
  ['99.2.87.10.in-addr.arpa', 'PTR', '3 SOA'],
  ['14.1.87.10.in-addr.arpa', 'PTR', '3 SOA'],
  ['1.1.1.1.in-addr.arpa', 'PTR', 'forwarded'],
  ['x.2.87.10.in-addr.arpa', 'PTR', 'forwarded'],
  [REVERSE6, 'PTR', '0 web.host-a.flatnet.internal'],
]

t.test('names, addresses, ports, and what there is none of', (t) => {
  for (const [name, type, says] of CASES) t.equal(ask(name, type), says, `${name} ${type}`)
  t.end()
})

t.test('a question of another class is not ours', (t) => {
  t.equal(answer({ labels: ['web', 'flatnet', 'internal'], type: TYPE.A, class: 3 }, AUTHORITY), undefined)
  t.end()
})

t.test('a service answer brings the addresses along', (t) => {
  const labels = '_8443._tcp.web.flatnet.internal'.split('.')
  const reply = answer({ labels, type: TYPE.SRV, class: 1 }, AUTHORITY)
  t.equal(reply?.rcode, RCODE.OK)
  t.same(
    reply?.additional.map(({ type }) => type),
    [TYPE.A, TYPE.AAAA],
  )
  t.end()
})

t.test('names become labels', (t) => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['web', 'web'],
    ['My_App.1', 'my-app-1'],
    ['a__b--c', 'a-b-c'],
    ['-x-', 'x'],
    ['日本', undefined],
    ['x'.repeat(80), 'x'.repeat(63)],
    [`${'x'.repeat(62)}_y`, 'x'.repeat(62)],
  ]
  for (const [name, label] of cases) t.equal(labelOf(name), label, name)
  t.end()
})

t.test('a name on several hosts is a clash, and on one host it is not', async (t) => {
  const zone = makeZone([
    { name: 'host-b', containers: [entry(['web'], ['10.87.2.10']), entry(['web', 'own'], ['10.87.2.11'])] },
    { name: 'host-a', containers: [entry(['WEB', 'db'], ['10.87.1.10'])] },
    { name: 'host-c', containers: [entry(['db'], ['10.87.3.10'])] },
  ])
  t.same(clashesIn(zone), [
    { name: 'db', hosts: ['host-a', 'host-c'] },
    { name: 'web', hosts: ['host-b', 'host-a'] },
  ])
})
