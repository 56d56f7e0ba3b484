// PATH-011: the clocks of the hosts agree.

import type { PathView } from '../../../views/paths.ts'
import { judgeSkew, SKEW_STEPS, skewWords } from '../../reading/clock-skew.ts'
import { checkItem, type Finding } from '../../item.ts'

// The error bound of the agent's reading (src/agent/peers/peer-clock.ts).
const UNSURE_MS = 2000

interface Skew {
  readonly name: string
  readonly aheadMs: number
  readonly verdict: 'ok' | 'warn' | 'fail'
}

export const clocks = checkItem({
  id: 'PATH-011',
  title: 'clocks of the hosts agree',
  fault: 'clocks of the hosts differ',
  why:
    'Certificates are valid between two moments: with clocks minutes apart, ' +
    'one host refuses a certificate that another accepts, and their logs cannot be compared.',
  causes: [
    "WSL2's clock stops while Windows sleeps, and is not corrected afterwards.",
    'One of the hosts does not synchronise its clock.',
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

// If all others differ in the same direction, this host is wrong. With only two hosts it is undecidable.
function ownSkew(known: readonly Skew[]): Finding | undefined {
  const [first, ...rest] = known.toSorted((a, b) => Math.abs(a.aheadMs) - Math.abs(b.aheadMs))
  if (first === undefined || rest.length === 0 || first.verdict === 'ok') return undefined
  if (rest.some(({ aheadMs }) => Math.sign(aheadMs) !== Math.sign(first.aheadMs))) return undefined
  const seen =
    `the clock of this host is ${skewWords(-first.aheadMs)} those of all ` + `${String(known.length)} others`
  return { verdict: first.verdict, subject: 'this host', seen }
}

function judgePeer({ name, aheadMs, verdict }: Skew): Finding {
  if (verdict === 'ok') return { verdict, subject: name, seen: 'within seconds of the clock here' }
  const seen = `its clock is ${skewWords(aheadMs)} the clock here`
  return { verdict, subject: name, seen, next: [...SKEW_STEPS, `flatnet-cni check --peer ${name}`] }
}
