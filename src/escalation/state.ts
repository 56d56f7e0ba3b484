// The words of Graceful Escalation: which path a peer's traffic takes, why, and what is known of both paths. Types and
// constants only; step.ts decides.

/** Where a peer's traffic goes. Only in P2P_ACTIVE does the P2P route exist. */
export type Phase = 'GATEWAY_ONLY' | 'P2P_ATTEMPTING' | 'P2P_ACTIVE' | 'GATEWAY_FALLBACK'

/** In the order of their numbers on the wire; only ever appended to. */
export const PHASES: readonly Phase[] = ['GATEWAY_ONLY', 'P2P_ATTEMPTING', 'P2P_ACTIVE', 'GATEWAY_FALLBACK']

/** Why a transition happened. In the order of their numbers on the wire; only ever appended to. */
export const REASONS = [
  /** The agent began; the path is the resting one. */
  'agent-start',
  /** The agent found a P2P route in the kernel and took it over. */
  'adopted',
  /** The agent is ending in good order. */
  'agent-stop',
  /** Our own process stood still so long that the route guard has taken the P2P routes. */
  'agent-stalled',
  /** Hold-off is over and the P2P path answers: it is tried. */
  'attempt',
  /** Both kinds of probes were good long enough and the peer agrees. */
  'recovered',
  /** The attempt did not succeed in time. */
  'attempt-timeout',
  /** No answer on the P2P path for the silence deadline. */
  'silence',
  /** The peer's probes arrive by the P2P path, our own are not answered. */
  'one-way',
  /** Too many probes of the window were lost. */
  'loss',
  /** The P2P path is much slower than the gateway path. */
  'latency',
  /** Large packets are lost while small ones pass. */
  'mtu',
  /** The tunnel between the hosts answers, the path between the container subnets does not. */
  'container-path',
  /** The nebula link is gone. */
  'link-gone',
  /** The nebula link is another one than before. */
  'nebula-restarted',
  /** The peer has left the P2P path and told us. */
  'peer-said',
  /** The peer's kernel answers, its agent does not. */
  'peer-agent-gone',
  /** The peer's certificate is a new one, expired, or refused. */
  'certificate',
] as const
export type Reason = (typeof REASONS)[number]

/** What the peer's agent last said of itself, authenticated and fresh. */
export interface PeerWord {
  readonly phase: Phase
  /** Grows with each transition of the peer; starts anew with its session. */
  readonly epoch: number
  /** The peer's P2P probes are good enough for it and nothing holds it back. */
  readonly ready: boolean
  /** Milliseconds for which the peer will not try the P2P path. */
  readonly holdMs: number
  readonly reason: Reason
}

/** What is known of one kind of probe at this moment. Times are monotonic milliseconds. */
export interface LaneReading {
  /** When the last answer came to one of our probes; -Infinity: never. */
  readonly repliedAt: number
  /** When the last probe of the peer's own arrived by this lane; -Infinity: never. */
  readonly heardAt: number
  readonly goodInRow: number
  readonly missedInRow: number
  /** Lost part, 0 to 1, of the probes in the short and in the long window; 0 while a window is not full. */
  readonly lossShort: number
  readonly lossLong: number
  /** Smoothed round trip in milliseconds; undefined before the first answer. */
  readonly rttMs: number | undefined
  /** The last round trip; undefined before the first answer. */
  readonly lastRttMs: number | undefined
  /** The same of the probes as large as the path's MTU. */
  readonly bigGoodInRow: number
  readonly bigMissedInRow: number
  /** At which interval the lane is probed at present, milliseconds, without jitter. */
  readonly intervalMs: number
}

/** Everything that is measured about one peer. */
export interface Reading {
  /** Overlay address to overlay address: the tunnel alone. */
  readonly tunnel: LaneReading
  /** Reserved address to reserved address through Nebula: what containers' packets meet. */
  readonly p2p: LaneReading
  /** Reserved address to reserved address by the gateway hop. */
  readonly gateway: LaneReading
  /** Whether the nebula link is there and up. */
  readonly linkUp: boolean
  /** Whether there is a gateway path at all in the configuration. */
  readonly hasGateway: boolean
  /** The last word of the peer's agent in its present session; undefined: none yet. */
  readonly peer: PeerWord | undefined
  /** Both lanes were asked by a connected socket and the kernel there refused: host reached, agent gone. */
  readonly refused: { readonly p2p: boolean; readonly gateway: boolean }
}

/** What happens to a peer's state machine. */
export type EscalationEvent =
  /** Something was measured, or time went by. */
  | { readonly kind: 'reading'; readonly reading: Reading }
  /** The agent begins; `adopt`: the kernel has the P2P route already. */
  | { readonly kind: 'start'; readonly adopt: boolean }
  | { readonly kind: 'stop' }
  /** The nebula link has gone (or is another one than before: `restarted`). */
  | { readonly kind: 'link-gone'; readonly restarted: boolean }
  /** The peer says by itself that it has left the P2P path. */
  | { readonly kind: 'notice'; readonly word: PeerWord }
  /** Our own process stood still. `lost`: so long that the P2P routes are gone. */
  | { readonly kind: 'stall'; readonly lost: boolean }
  | { readonly kind: 'certificate' }

/** One change of phase, as it is kept and shown. */
export interface Transition {
  readonly from: Phase
  readonly to: Phase
  readonly reason: Reason
  /** One sentence with the figures that decided: "3 of 20 probes lost", "no answer for 812 ms". */
  readonly detail: string
  readonly epoch: number
}

/** What has to be done, in this order. */
export type EscalationAction =
  | { readonly kind: 'install' }
  | { readonly kind: 'withdraw' }
  /** Tell the peer at once over every path. */
  | { readonly kind: 'tell' }
  /** Send a burst of probes on every lane now, and probe quickly for a while: what comes back decides, or explains. */
  | { readonly kind: 'burst' }
  /** The tunnel answers and the container path does not: Nebula may have lost the pinned route; make it anew. */
  | { readonly kind: 'repair' }
  | { readonly kind: 'record'; readonly transition: Transition }

/** One peer's path, as far as the state machine remembers. Times are monotonic milliseconds. */
export interface PeerPath {
  readonly phase: Phase
  /** When the phase began, and why. */
  readonly since: number
  readonly reason: Reason
  readonly detail: string
  /** Number of transitions so far. */
  readonly epoch: number
  /** No attempt before this moment. */
  readonly holdUntil: number
  /** The hold-off after the last fall, without jitter; 0: none yet. */
  readonly backoffMs: number
  /** Moments of the falls from P2P_ACTIVE within the flap window. */
  readonly falls: readonly number[]
  /** Since when the P2P path has been slower than allowed. */
  readonly slowSince: number | undefined
  /** Silence counts from here: what came before a stall or a phase proves nothing. */
  readonly countFrom: number
  /** Losses count from here: those of an outage of both paths are no fault of the P2P path. */
  readonly lossFrom: number
  /** Since when an answer is overdue; a burst was sent then. Only in P2P_ACTIVE. */
  readonly doubtAt: number | undefined
  /** Whether both paths are silent and this was said. */
  readonly bothSilent: boolean
  /** Whether we would go to P2P now if the peer agreed. */
  readonly ready: boolean
  /** Whether the gateway path is there and was answering when last measured: whether P2P may be left for it. */
  readonly canLeave: boolean
  /** The peer's epoch when it last agreed to P2P; undefined: not known, or its agent has begun anew since. */
  readonly peerEpoch: number | undefined
  /** Attempts that ran out of time since P2P was last taken. */
  readonly timeouts: number
  /** Whether P2P was ever taken: tells GATEWAY_FALLBACK from GATEWAY_ONLY when an attempt ends. */
  readonly wasActive: boolean
  /** Whether the pinned route was made anew since P2P was last taken. */
  readonly repaired: boolean
}
