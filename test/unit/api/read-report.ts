import t from 'tap'
import { readHostReport, readPeerReport } from '../../../src/api/read-report.ts'
import { pathView } from '../../fixtures/agent-views.ts'

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

t.test('what has every field that is read is a report', async (t) => {
  t.same(readHostReport(REPORT), REPORT)
  t.same(readHostReport({ ...REPORT, path: null, more: 1 }), { ...REPORT, path: null, more: 1 })
  t.same(readPeerReport(ANSWER), ANSWER)
})

t.test('what lacks one, or has another kind of it, is none', async (t) => {
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
    t.equal(readHostReport(value), undefined, JSON.stringify(value)?.slice(0, 60))
    t.equal(readPeerReport({ ...ANSWER, report: value }), undefined)
  }
  t.equal(readPeerReport({ ...ANSWER, path: undefined }), undefined)
  t.equal(readPeerReport({ ...ANSWER, clockAheadMs: null }), undefined)
})
