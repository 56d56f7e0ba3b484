// PATH-011: the clocks of the hosts agree.

import type { PathView } from '../../../api/views.ts'
import { judgeSkew, SKEW_STEPS, skewWords } from '../../clock-skew.ts'
import { checkItem, type Finding } from '../../item.ts'

// What the agent's reading may be wrong by (src/agent/peer-clock.ts).
const UNSURE_MS = 2000

interface Skew {
  readonly name: string
  readonly aheadMs: number
  readonly verdict: 'ok' | 'warn' | 'fail'
}

export const clocks = checkItem({
  id: 'PATH-011',
  title: 'clocks of the hosts agree',
  why: 'Certificates count from and until a moment: minutes apart, one host refuses a certificate that another takes, and what both write down cannot be compared.',
  causes: [
    "WSL2's clock stands still while Windows sleeps, and is not put right afterwards.",
    'Nobody keeps the clock of one of the hosts.',
  ],
  steps: [...SKEW_STEPS],
  needs: ['paths'],
  after: ['SYS-014', 'PATH-002'],
  judge: ({ paths: { peers } }): Finding | readonly Finding[] => {
    const known = peers.flatMap(skewOf)
    if (known.length === 0)
      return { verdict: 'skip', seen: 'the agent has not asked another host for its time yet' }
    return ownSkew(known) ?? known.map(judgePeer)
  },
})

function skewOf({ name, clockAheadMs }: PathView): Skew[] {
  if (clockAheadMs === undefined || clockAheadMs === null) return []
  return [{ name, aheadMs: clockAheadMs, verdict: judgeSkew(clockAheadMs, UNSURE_MS) }]
}

// When all others differ to the same side it is this host that is wrong; of two hosts nobody can say.
function ownSkew(known: readonly Skew[]): Finding | undefined {
  const [first, ...rest] = known.toSorted((a, b) => Math.abs(a.aheadMs) - Math.abs(b.aheadMs))
  if (first === undefined || rest.length === 0 || first.verdict === 'ok') return undefined
  if (rest.some(({ aheadMs }) => Math.sign(aheadMs) !== Math.sign(first.aheadMs))) return undefined
  const seen = `the clock of this host is ${skewWords(-first.aheadMs)} those of all ${String(known.length)} others`
  return { verdict: first.verdict, subject: 'this host', seen }
}

function judgePeer({ name, aheadMs, verdict }: Skew): Finding {
  if (verdict === 'ok') return { verdict, subject: name, seen: 'within seconds of ours' }
  const seen = `its clock is ${skewWords(aheadMs)} ours`
  return { verdict, subject: name, seen, next: [...SKEW_STEPS, `flatnet-cni check --peer ${name}`] }
}
