import t from 'tap'
import type { Documents } from '../../../src/http-gateway/documents.ts'
import { officeDocument, type PathOfHost } from '../../../src/http-gateway/office.ts'
import { gatewaysDocument } from '../../../src/http-gateway/recognition.ts'

const since = '2026-01-01T00:00:00.000Z'
const path = (more: Partial<PathOfHost> = {}): PathOfHost => ({
  path: 'p2p',
  reason: 'recovered',
  detail: '',
  since,
  changes: [],
  ...more,
})
const named = (...names: readonly string[]) => ({ names, address: '10.87.1.10', port: 80, ports: [80] })
const document = (host: string, ...containers: readonly ReturnType<typeof named>[]) =>
  ({ version: 1, host, path: 'p2p', subnets: [], containers }) as const

const DOCUMENTS: Documents = {
  self: { version: 1, host: 'host-m', domain: 'flatnet.internal', overlay: '10.86.1.1' },
  labels: new Map(),
  hosts: [
    document('host-m', named('web')),
    document('host-z', named('shop')),
    document('host-b', named('web'), named('shop')),
  ],
  leftOut: [],
}

t.test('this host first, then in byte order; hosts that have told nothing are shown too', async (t) => {
  const gateways = gatewaysDocument(
    { host: 'host-m', address: '192.168.1.11:80' },
    new Map([
      [
        'host-b',
        { state: 'up', since, lastContact: since, detail: undefined, misses: 0, address: '192.168.1.12:80' },
      ],
    ]),
  )
  const office = officeDocument(
    DOCUMENTS,
    new Map([
      ['host-z', path({ path: 'gateway', reason: 'silence', detail: 'no answer for 1.0 s' })],
      ['host-c', path({ path: 'silent' })],
      ['host-b', path()],
    ]),
    gateways,
  )
  t.match(office.hosts, [
    { host: 'host-m', path: 'local', reason: null, since: null, gateway: { state: 'self' } },
    {
      host: 'host-b',
      path: 'p2p',
      reason: 'recovered',
      since,
      gateway: { address: '192.168.1.12:80', state: 'up' },
    },
    { host: 'host-c', path: 'silent', gateway: null, containers: [] },
    { host: 'host-z', path: 'gateway', detail: 'no answer for 1.0 s', gateway: null },
  ])
})

t.test('a name alone leads to this host, else to the first in byte order', async (t) => {
  const paths = new Map(['host-b', 'host-z'].map((host) => [host, path()]))
  const { hosts } = officeDocument(
    DOCUMENTS,
    paths,
    gatewaysDocument({ host: 'host-m', address: undefined }, new Map()),
  )
  t.same(
    hosts.map(({ host, containers }) => [host, containers.map(({ names, isFirst }) => [names[0], isFirst])]),
    [
      ['host-m', [['web', true]]],
      [
        'host-b',
        [
          ['web', false],
          ['shop', true],
        ],
      ],
      ['host-z', [['shop', false]]],
    ],
  )
})
