// The text that people read about paths.
import t from 'tap'
import { pathDetails, pathLines } from '../../../../../src/cli/commands/path/text.ts'
import { transitionLine } from '../../../../../src/cli/text/path-words.ts'
import type { PeerPaths } from '../../../../../src/cli/peer-paths.ts'
import { PLAIN } from '../../../../../src/cli/text/theme.ts'
import type { PathView } from '../../../../../src/views/paths.ts'
import { laneView, pathView, statusView, transitionView } from '../../../../fixtures/agent/views.ts'

const NOW = new Date()

function measured(...peers: PathView[]): PeerPaths {
  return { source: 'agent', status: statusView(peers), peers, refused: [] }
}

t.test('one line for each peer with both paths', async (t) => {
  const silent = laneView({ repliedAgoMs: null, rttMs: null, loss: 1, received: 0 })
  const fallen = pathView({
    name: 'host-c',
    phase: 'GATEWAY_FALLBACK',
    reason: 'silence',
    detail: 'no answer for 812 ms',
    p2p: silent,
  })
  const text = pathLines(PLAIN, measured(pathView(), fallen), NOW)
  t.match(text, /^host-b +direct +0\.40 ms, 0 % lost +2\.50 ms, 0 % lost +1h +recovered: 10 good/m)
  t.match(text, /^host-c +gateway, fell back +no answer +2\.50 ms.*silence: no answer for 812 ms$/m)
})

t.test('everything about one peer', async (t) => {
  const text = pathDetails(PLAIN, measured(pathView()), NOW)
  t.match(text, /^Peer +host-b$/m)
  t.match(text, /^Route +direct$/m)
  t.match(text, /^direct \* +0\.40 ms +0 % +100 of 100 +pass/m)
  t.match(text, /^gateway +2\.50 ms/m)
  t.match(text, /^Peer says +direct \(recovered\), ready/m)
})

t.test('faults stand out', async (t) => {
  const wrong = pathView({
    route: { wanted: 'p2p', installed: 'gateway' },
    p2p: laneView({ bigPasses: false }),
    tunnel: laneView({ received: 0, loss: 0, rttMs: null }),
    peer: null,
    holdUntil: '2059-01-01T00:00:00Z',
    troubles: ['packets of 1300 bytes are lost'],
  })
  const text = pathDetails(PLAIN, measured(wrong), NOW)
  t.match(text, /direct wanted, but the kernel has gateway/)
  t.match(text, /are lost/)
  t.match(text, /^nebula tunnel +- +100 % +0 of 100/m)
  t.match(text, /no message from its agent so far/)
  t.match(text, /held back until 20(58|59)/)
  t.match(text, /^! packets of 1300 bytes are lost$/m)
})

t.test('a change of path is one line', async (t) => {
  t.match(
    transitionLine(transitionView(), NOW),
    /^2026-01-02 \d\d:\d\d:05 direct → gateway, fell back: no answer for 812 ms \(silence\)$/,
  )
  t.match(transitionLine(transitionView({ detail: '' }), NOW), /: silence$/)
})
