// Joins the views that two hosts have of the path between them. A packet that one host sends and the other
// never receives shows only here: each host alone sees just a missing answer.

import type { LaneView, PathView } from '../views/paths.ts'
import type { ProbePace } from '../config/agent-settings.ts'
import { judgeSkew, SKEW_STEPS, skewWords } from './reading/clock-skew.ts'
import { silentAfterMs } from './silence.ts'

/** One host's facts about itself and about its path to the other. */
export interface SideView {
  readonly name: string
  readonly version: string
  /** Fingerprints of the CAs that it trusts. */
  readonly authorities: readonly string[]
  /** MTU of its containers, bytes. */
  readonly mtuBytes: number
  /** Its path to the other host; undefined when it does not know that host. */
  readonly path: PathView | undefined
}

type DisagreementKind = 'unknown' | 'one-way' | 'ca' | 'clock' | 'mtu' | 'version' | 'path'

/** A contradiction that only both views together reveal. */
interface Disagreement {
  readonly kind: DisagreementKind
  readonly verdict: 'warn' | 'fail'
  readonly seen: string
  readonly next: readonly string[]
}

/** What was measured while the other host was asked. */
export interface Asking {
  /** How far the other clock is ahead, milliseconds; it was read at some moment within the round trip. */
  readonly clockAheadMs: number
  readonly roundTripMs: number
  /** How often this host probes; the other is assumed to do the same. */
  readonly pace: ProbePace
}

/** Returns the contradictions between the two views, worst first; empty when they agree. */
export function joinViews(mine: SideView, theirs: SideView, asking: Asking): readonly Disagreement[] {
  return [
    ...unknown(mine, theirs),
    ...authorities(mine, theirs),
    ...oneWay(mine, theirs, asking.pace),
    ...clocks(mine, theirs, asking),
    ...mtus(mine, theirs),
    ...paths(mine, theirs),
    ...versions(mine, theirs),
  ]
}

function unknown(mine: SideView, theirs: SideView): readonly Disagreement[] {
  return [
    [mine, theirs],
    [theirs, mine],
  ].flatMap(([side, other]) =>
    side === undefined || other === undefined || side.path !== undefined
      ? []
      : [
          {
            kind: 'unknown' as const,
            verdict: 'fail' as const,
            seen: `${side.name} does not know ${other.name}: it has no route to the containers there`,
            next: [`copy the certificate of ${other.name} into /etc/flatnet/peers.d of ${side.name}`],
          },
        ],
  )
}

function authorities(mine: SideView, theirs: SideView): readonly Disagreement[] {
  const common = mine.authorities.filter((authority) => theirs.authorities.includes(authority))
  if (common.length > 0 || mine.authorities.length === 0 || theirs.authorities.length === 0) return []
  return [
    {
      kind: 'ca',
      verdict: 'fail',
      seen: `${mine.name} and ${theirs.name} trust different CAs (${short(mine)} and ${short(theirs)})`,
      next: ['put the same CA certificates into the CA file of both hosts'],
    },
  ]
}

function short({ authorities: [first = '-'] }: SideView): string {
  return first.slice(0, 8)
}

const LANES = [
  { lane: 'p2p', words: 'on the direct path', next: "open Nebula's UDP port in the firewall of" },
  { lane: 'tunnel', words: 'through the tunnel', next: "open Nebula's UDP port in the firewall of" },
  {
    lane: 'gateway',
    words: 'on the gateway path',
    next: 'let the gateways forward between the host subnets, and the firewall let packets in to',
  },
] as const

// A probe that was sent but never received was lost on the way there. If both directions are silent, the path
// is dead and it is not a firewall.
function oneWay(mine: SideView, theirs: SideView, pace: ProbePace): readonly Disagreement[] {
  const [here, there] = [mine.path, theirs.path]
  if (here === undefined || there === undefined) return []
  return LANES.flatMap(({ lane, words, next }): Disagreement[] => {
    const isHeard = ({ heardAgoMs }: LaneView): boolean =>
      heardAgoMs !== null && heardAgoMs < silentAfterMs(pace, lane)
    const arrivesHere = isHeard(here[lane])
    const arrivesThere = isHeard(there[lane])
    // An unused lane carries no probes, so nothing can be missing there.
    if (arrivesHere === arrivesThere || here[lane].sent === 0 || there[lane].sent === 0) return []
    const [from, to] = arrivesHere ? [mine, theirs] : [theirs, mine]
    return [
      {
        kind: 'one-way',
        verdict: 'fail',
        seen:
          `packets from ${from.name} to ${to.name} are lost ${words}; ` +
          `those from ${to.name} to ${from.name} arrive`,
        next: [`${next} ${to.name} for ${from.name}`],
      },
    ]
  })
}

function clocks(mine: SideView, theirs: SideView, asking: Asking): readonly Disagreement[] {
  const { clockAheadMs, roundTripMs } = asking
  const verdict = judgeSkew(clockAheadMs, roundTripMs / 2)
  if (verdict === 'ok') return []
  return [
    {
      kind: 'clock',
      verdict,
      seen: `the clock of ${theirs.name} is ${skewWords(clockAheadMs)} that of ${mine.name}`,
      next: SKEW_STEPS,
    },
  ]
}

function mtus(mine: SideView, theirs: SideView): readonly Disagreement[] {
  if (mine.mtuBytes === theirs.mtuBytes) return []
  return [
    {
      kind: 'mtu',
      verdict: 'warn',
      seen:
        `containers have an MTU of ${String(mine.mtuBytes)} bytes on ${mine.name} and ` +
        `${String(theirs.mtuBytes)} on ${theirs.name}`,
      next: [
        'set the same tun.mtu in the configuration of Nebula on both hosts, and restart their containers',
      ],
    },
  ]
}

function paths(mine: SideView, theirs: SideView): readonly Disagreement[] {
  const [here, there] = [mine.path?.phase, theirs.path?.phase]
  if (here === undefined || there === undefined) return []
  if ((here === 'P2P_ACTIVE') === (there === 'P2P_ACTIVE')) return []
  const [direct, other] = here === 'P2P_ACTIVE' ? [mine, theirs] : [theirs, mine]
  return [
    {
      kind: 'path',
      verdict: 'warn',
      seen:
        `${direct.name} sends on the direct path, ${other.name} on the gateway path ` +
        `(${other.path?.reason ?? 'unknown'})`,
      next: [`on ${other.name}: flatnet-cni path ${direct.name} --history`],
    },
  ]
}

function versions(mine: SideView, theirs: SideView): readonly Disagreement[] {
  if (mine.version === theirs.version) return []
  return [
    {
      kind: 'version',
      verdict: 'warn',
      seen: `${mine.name} runs flatnet-cni ${mine.version}, ${theirs.name} ${theirs.version}`,
      next: ['install the same version on both hosts'],
    },
  ]
}
