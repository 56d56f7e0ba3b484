import { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'

import { type Book, keepOnly, lapse, offer, restore } from '../../../src/registry/book.ts'
import { compareVersions, type HostState } from '../../../src/registry/host-state.ts'
import { holdsForAll } from '../nebula/fixtures/property.ts'

const NONE: Book = new Map()
const B = '10.86.2.1'

/** A state whose only container is named by its version, so that two of one version are equal. */
function state(epoch: number, sequence: number): HostState {
  const id = `${String(epoch)}-${String(sequence)}`
  const entry = { id, names: [], network: 'flatnet', ifname: 'eth0', addresses: ['10.87.2.10'], ports: [] }
  return {
    epoch,
    sequence,
    containers: [{ ...entry, exposed: [], labels: {}, since: '2026-01-01T00:00:00Z' }],
  }
}

function offerAll(book: Book, states: readonly HostState[]): Book {
  return states.reduce((before, each) => offer(before, B, each).book, book)
}

const anyState = fc.tuple(fc.nat(5), fc.nat(5)).map(([epoch, sequence]) => state(epoch, sequence))
const someStates = fc.array(anyState, { minLength: 1, maxLength: 12 })
const latest = (states: readonly HostState[]): HostState | undefined =>
  states.toSorted(compareVersions).at(-1)

t.test('hosts that are told the same in any order, some of it twice, know the same in the end', (t) => {
  const shuffles = someStates.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
  )
  holdsForAll(t, shuffles, ([all, shuffled]) => {
    deepEqual(offerAll(NONE, shuffled).get(B)?.state, latest(all))
  })
  t.end()
})

t.test('whatever comes after a deletion, nothing older comes back', (t) => {
  holdsForAll(t, fc.tuple(someStates, someStates), ([before, after]) => {
    const lapsed = lapse(offerAll(NONE, before), B)
    equal(lapsed.get(B)?.state, undefined)
    const newest = latest(before)
    const acceptable = after.filter((each) => newest === undefined || compareVersions(each, newest) >= 0)
    deepEqual(offerAll(lapsed, after).get(B)?.state, latest(acceptable))
  })
  t.end()
})

t.test('an offer says what became of it', (t) => {
  const one = offer(NONE, B, state(7, 1))
  t.equal(one.outcome, 'taken')
  t.equal(offer(one.book, B, state(7, 1)).outcome, 'known')
  t.equal(offer(one.book, B, state(7, 0)).outcome, 'older')
  t.equal(offer(one.book, B, state(6, 9)).outcome, 'older', 'the epoch goes before the sequence')
  t.equal(offer(one.book, B, state(8, 0)).outcome, 'taken')
  t.equal(offer(lapse(one.book, B), B, state(7, 1)).outcome, 'taken', 'a host that returns with what it had')
  t.end()
})

t.test('what the disk has counts until the host speaks', (t) => {
  const restored = restore(NONE, B, state(7, 1))
  t.match(restored.get(B), { isConfirmed: false, state: { epoch: 7 } })
  t.match(offer(restored, B, state(7, 1)), { outcome: 'known', book: new Map([[B, { isConfirmed: true }]]) })
  const told = offer(NONE, B, state(7, 2)).book
  t.equal(restore(told, B, state(7, 1)), told, 'the host was quicker')
  t.equal(offer(restored, B, state(6, 9)).outcome, 'older')
  t.end()
})

t.test('hosts that are not peers any more are forgotten', (t) => {
  const both = offer(offer(NONE, B, state(1, 1)).book, '10.86.3.1', state(1, 1)).book
  t.same([...keepOnly(both, new Set([B])).keys()], [B])
  t.end()
})
