import t from 'tap'
import { readHostView, readPeerView } from '../../../src/views/read-host.ts'
import { pathView } from '../../fixtures/agent/views.ts'

const REPORT = {
  version: 1,
  name: 'host-b',
  agent: { version: '0.1.0', commit: 'abc' },
  clockMs: 1_767_225_600_000,
  certificate: { fingerprint: 'ff', notAfter: '2027-01-01T00:00:00Z' },
  cas: ['aaaa'],
  subnets: ['10.87.2.0/24'],
  nebulaDev: 'nebula1',
  mtuBytes: 1300,
  path: pathView(),
  refusedPeers: [],
}
const ANSWER = {
  version: 1,
  by: 'tunnel',
  report: REPORT,
  clockAheadMs: 3,
  roundTripMs: 10,
  path: pathView(),
}

t.test('an object with every field that is read is a view', async (t) => {
  t.same(readHostView(REPORT), REPORT)
  t.same(readHostView({ ...REPORT, path: null, more: 1 }), { ...REPORT, path: null, more: 1 })
  t.same(readPeerView(ANSWER), ANSWER)
})

t.test('one with a missing or mistyped field is not', async (t) => {
  const { agent: _, ...withoutAgent } = REPORT
  const { cas: __, ...withoutCas } = REPORT
  const wrong: readonly unknown[] = [
    withoutAgent,
    withoutCas,
    { ...REPORT, agent: { version: 7 } },
    { ...REPORT, cas: [1] },
    { ...REPORT, cas: 'aaaa' },
    { ...REPORT, version: 2 },
    { ...REPORT, clockMs: '5' },
    { ...REPORT, path: {} },
    { ...REPORT, path: { ...pathView(), p2p: null } },
    { ...REPORT, path: { ...pathView(), gateway: { sent: 1, heardAgoMs: 'long' } } },
    [],
    null,
    'report',
  ]
  for (const value of wrong) {
    t.equal(readHostView(value), undefined, JSON.stringify(value)?.slice(0, 60))
    t.equal(readPeerView({ ...ANSWER, report: value }), undefined)
  }
  t.equal(readPeerView({ ...ANSWER, path: undefined }), undefined)
  t.equal(readPeerView({ ...ANSWER, clockAheadMs: null }), undefined)
})
