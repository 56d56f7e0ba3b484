import { createSecretKey } from 'node:crypto'
import t from 'tap'
import { proofKey, proofOf } from '../../../src/http-gateway/proof.ts'
import {
  type Contact,
  gatewaysDocument,
  type Heard,
  isUsable,
  newContact,
  nextContact,
} from '../../../src/http-gateway/recognition.ts'

const PROVED = { kind: 'proved' } as const
const SILENT = { kind: 'silent', why: 'no answer in time' } as const
const STRANGER = { kind: 'stranger', why: 'the proof is wrong' } as const

// One question a second.
function after(...heard: readonly Heard[]): Contact {
  const at = (second: number): string => new Date(second * 1000).toISOString()
  return heard.reduce((contact, each, index) => nextContact(contact, each, at(index + 1)), newContact(at(0)))
}

t.test('what is known of a Gateway after what was heard', async (t) => {
  for (const [heard, state, second, contact] of [
    [[], 'unknown', 0, undefined],
    [[PROVED, PROVED], 'up', 1, 2],
    [[PROVED, SILENT], 'up', 1, 1],
    [[PROVED, SILENT, PROVED], 'up', 1, 3],
    [[PROVED, SILENT, SILENT], 'down', 3, 1],
    [[PROVED, SILENT, SILENT, SILENT], 'down', 3, 1],
    [[SILENT, SILENT], 'down', 2, undefined],
    [[PROVED, STRANGER], 'stranger', 2, 1],
    [[STRANGER, SILENT], 'stranger', 1, undefined],
    [[SILENT, SILENT, PROVED], 'up', 3, 3],
  ] as const) {
    const { state: is, since, lastContact } = after(...heard)
    const name = heard.map(({ kind }) => kind).join(', ')
    t.same([is, new Date(since).getUTCSeconds()], [state, second], name)
    t.equal(lastContact && new Date(lastContact).getUTCSeconds(), contact, name)
  }
  t.match(after(SILENT, SILENT), { detail: 'no answer in time' })
  t.equal(after(SILENT, SILENT, PROVED).detail, undefined)
})

t.test('requests are sent to those that are up or have not been asked yet', async (t) => {
  t.same([after(), after(PROVED), after(SILENT, SILENT), after(STRANGER)].map(isUsable), [
    true,
    true,
    false,
    false,
  ])
})

t.test('the list', async (t) => {
  const up = { ...after(PROVED), address: '192.168.1.12:80' }
  const { gateways } = gatewaysDocument(
    { host: 'host-m', address: undefined },
    new Map([
      ['host-z', { ...after(SILENT, SILENT), address: '192.168.1.13:80' }],
      ['host-b', up],
    ]),
  )
  t.match(gateways, [
    { host: 'host-m', address: null, state: 'self', lastContact: null },
    { host: 'host-b', address: '192.168.1.12:80', state: 'up', lastContact: up.lastContact, detail: null },
    { host: 'host-z', state: 'down', detail: 'no answer in time' },
  ])
})

t.test('a proof is for one key, one host and one nonce', async (t) => {
  const [key, other] = [1, 2].map((byte) => proofKey(createSecretKey(Buffer.alloc(32, byte))))
  if (key === undefined || other === undefined) throw new Error('two keys')
  t.match(key, { id: /^[0-9a-f]{16}$/, secret: /^[0-9a-f]{64}$/ })
  t.not(key.id, other.id)
  const proofs = [
    proofOf(key, '10.86.2.1', 'aa'),
    proofOf(other, '10.86.2.1', 'aa'),
    proofOf(key, '10.86.1.1', 'aa'),
    proofOf(key, '10.86.2.1', 'ab'),
  ]
  t.equal(new Set(proofs).size, proofs.length)
})
