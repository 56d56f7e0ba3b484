import t from 'tap'
import type { HostDocument } from '../../../src/http-gateway/document.ts'
import type { Documents } from '../../../src/http-gateway/documents.ts'
import {
  newLedger,
  outrun,
  snapshotText,
  stampDocuments,
  whatToPush,
} from '../../../src/http-gateway/ledger.ts'

const SELF = { version: 1, host: 'host-a', domain: 'flatnet.internal', overlay: '10.86.1.1' } as const

function documents(...hosts: readonly Partial<HostDocument>[]): Documents {
  const whole = { version: 1, host: 'host-a', path: 'local', subnets: [], containers: [] } as const
  return { self: SELF, hosts: hosts.map((each) => ({ ...whole, ...each })), labels: new Map(), leftOut: [] }
}

const stamps = (list: readonly { host: string; epoch: number; seq: number }[]) =>
  list.map(({ host, epoch, seq }) => `${host} ${String(epoch)}-${String(seq)}`)

t.test('only what differs gets a new stamp', async (t) => {
  const first = stampDocuments(newLedger(100), documents({}, { host: 'host-b' }))
  t.same(stamps([...first.hosts.values()]), ['host-a 100-1', 'host-b 100-2'])
  const same = stampDocuments(first, documents({}, { host: 'host-b' }))
  t.same(same, first)
  const second = stampDocuments(first, documents({}, { host: 'host-b', path: 'gateway' }, { host: 'host-c' }))
  t.same(stamps([...second.hosts.values()]), ['host-a 100-1', 'host-b 100-3', 'host-c 100-4'])
  const gone = stampDocuments(second, documents({ gateway: '192.168.1.11:80' }))
  t.same(stamps([...gone.hosts.values()]), ['host-a 100-5'])
})

t.test('what nginx lacks is pushed, what it has too much is removed', async (t) => {
  const ledger = stampDocuments(newLedger(100), documents({}, { host: 'host-b' }))
  const nothing = whatToPush(ledger, { hosts: new Map(), self: undefined })
  t.same([nothing.self, stamps(nothing.put), nothing.remove], [true, ['host-a 100-1', 'host-b 100-2'], []])
  const held = new Map([
    ['host-a', '100-1'],
    ['host-b', '90-7'],
    ['host-x', '90-1'],
  ] as const)
  const some = whatToPush(ledger, { hosts: held, self: SELF })
  t.same([some.self, stamps(some.put), some.remove], [false, ['host-b 100-2'], ['host-x']])
  t.equal(whatToPush(ledger, { hosts: held, self: { ...SELF, domain: 'lan.test' } }).self, true)
})

t.test('documents of a clock that was ahead are outrun', async (t) => {
  const ledger = stampDocuments(newLedger(100), documents({}, { host: 'host-b' }))
  t.equal(outrun(ledger, new Map([['host-a', '100-9']])), ledger)
  const later = outrun(
    ledger,
    new Map([
      ['host-a', '500-9'],
      ['host-b', 'damaged'],
    ]),
  )
  t.same(stamps([...later.hosts.values()]), ['host-a 100-1', 'host-b 100-2'], 'unless a stamp cannot be read')
  const ahead = outrun(ledger, new Map([['host-a', '500-9']]))
  t.same(stamps([...ahead.hosts.values()]), ['host-a 501-1', 'host-b 501-2'])
  t.equal(stampDocuments(ahead, documents({ path: 'p2p' })).hosts.get('host-a')?.epoch, 501)
})

t.test('the file on disk', async (t) => {
  t.equal(snapshotText(newLedger(1)), undefined)
  const text = snapshotText(stampDocuments(newLedger(100), documents({})))
  t.match(JSON.parse(text ?? ''), { version: 1, self: SELF, hosts: [{ host: 'host-a', epoch: 100, seq: 1 }] })
})
