// The vocabulary of Graceful Escalation: which path a peer's traffic takes, why, and what is known about both
// paths. Types and constants only; step.ts decides.

/** Where a peer's traffic goes. The direct route exists only in P2P_ACTIVE. */
export type Phase = 'GATEWAY_ONLY' | 'P2P_ATTEMPTING' | 'P2P_ACTIVE' | 'GATEWAY_FALLBACK'

/** In the order of their numbers on the wire. Append only. */
export const PHASES: readonly Phase[] = ['GATEWAY_ONLY', 'P2P_ATTEMPTING', 'P2P_ACTIVE', 'GATEWAY_FALLBACK']

/** Why a transition happened. In the order of their numbers on the wire. Append only. */
export const REASONS = [
  /** The agent started; traffic uses the gateway path. */
  'agent-start',
  /** The agent found a direct route in the kernel and took it over. */
  'adopted',
  /** The agent is shutting down cleanly. */
  'agent-stop',
  /** Our own process stalled for so long that the route guard removed the direct routes. */
  'agent-stalled',
  /** The hold-off is over and the direct path answers, so it is tried. */
  'attempt',
  /** Both kinds of probes were good for long enough, and the peer agrees. */
  'recovered',
  /** The attempt did not succeed in time. */
  'attempt-timeout',
  /** No answer on the direct path within the silence deadline. */
  'silence',
  /** The peer's probes arrive on the direct path, but ours are not answered. */
  'one-way',
  /** Too many probes of the window were lost. */
  'loss',
  /** The direct path is much slower than the gateway path. */
  'latency',
  /** Large packets are lost while small ones pass. */
  'mtu',
  /** The tunnel between the hosts answers, but the path between the container subnets does not. */
  'container-path',
  /** The nebula link disappeared or went down. */
  'link-gone',
  /** The nebula link was recreated. */
  'nebula-restarted',
  /** The peer left the direct path and told us. */
  'peer-said',
  /** The peer's kernel answers, but its agent does not. */
  'peer-agent-gone',
  /** The peer's certificate was replaced, has expired, or is refused. */
  'certificate',
] as const
export type Reason = (typeof REASONS)[number]

/** The latest state that the peer's agent reported, authenticated and fresh. */
export interface PeerWord {
  readonly phase: Phase
  /** Grows with each transition of the peer. Starts from the beginning with each session. */
  readonly epoch: number
  /** The direct path is good enough for the peer, and no hold-off applies there. */
  readonly ready: boolean
  /** Milliseconds for which the peer will not try the direct path. */
  readonly holdMs: number
  readonly reason: Reason
}

/** What is known about one lane right now. Times are monotonic milliseconds. */
export interface LaneReading {
  /** When one of our probes was last answered; -Infinity if never. */
  readonly repliedAt: number
  /** When a probe of the peer last arrived on this lane; -Infinity if never. */
  readonly heardAt: number
  /** When the first small probe since the last answer was sent; Infinity if there was none. */
  readonly unansweredSince: number
  readonly goodInRow: number
  readonly missedInRow: number
  /**
   * The last few probes: how many were missed, in how many gaps, and when the first was sent (Infinity while
   * there are too few).
   */
  readonly recent: {
    readonly probes: number
    readonly missed: number
    readonly gaps: number
    readonly since: number
  }
  /** Fraction of probes lost, 0 to 1, in the short and in the long window; 0 until the window is full. */
  readonly lossShort: number
  readonly lossLong: number
  /** Smoothed round trip in milliseconds; undefined before the first answer. */
  readonly rttMs: number | undefined
  /** Last round trip in milliseconds; undefined before the first answer. */
  readonly lastRttMs: number | undefined
  /** The same for probes as large as the path's MTU. */
  readonly bigGoodInRow: number
  readonly bigMissedInRow: number
  /** The current probe interval of the lane in milliseconds, without jitter. */
  readonly intervalMs: number
}

/** All measurements of one peer. */
export interface Reading {
  /** Between the overlay addresses: the tunnel alone. */
  readonly tunnel: LaneReading
  /** Between reserved addresses through Nebula: what containers' packets experience. */
  readonly p2p: LaneReading
  /** Between reserved addresses through the gateway hop. */
  readonly gateway: LaneReading
  /** Whether the nebula link exists and is up. */
  readonly linkUp: boolean
  /** Whether a gateway path is configured at all. */
  readonly hasGateway: boolean
  /** The peer agent's latest word in its current session; undefined before the first one. */
  readonly peer: PeerWord | undefined
  /**
   * Per lane: a probe from a connected socket was refused by the peer's kernel. The host is reachable, but
   * its agent is not running.
   */
  readonly refused: { readonly p2p: boolean; readonly gateway: boolean }
}

/** An input to a peer's state machine. */
export type EscalationEvent =
  /** A measurement arrived, or time passed. */
  | { readonly kind: 'reading'; readonly reading: Reading }
  /** The agent starts. `adopt`: the kernel already has the direct route. */
  | { readonly kind: 'start'; readonly adopt: boolean }
  | { readonly kind: 'stop' }
  /** The nebula link disappeared, or was recreated (`restarted`). */
  | { readonly kind: 'link-gone'; readonly restarted: boolean }
  /** The peer announces on its own that it left the direct path. */
  | { readonly kind: 'notice'; readonly word: PeerWord }
  /** Our own process stalled. `lost`: for so long that the direct routes were removed. */
  | { readonly kind: 'stall'; readonly lost: boolean }
  | { readonly kind: 'certificate' }

/** Why a phase is what it is. */
export interface Why {
  readonly reason: Reason
  /** One sentence with the figures that decided: "3 of 20 probes lost", "no answer for 812 ms". */
  readonly detail: string
}

/** One phase change, as recorded and shown. */
export interface Transition extends Why {
  readonly from: Phase
  readonly to: Phase
  readonly epoch: number
}

/** What the caller must do, in this order. */
export type EscalationAction =
  | { readonly kind: 'install' }
  | { readonly kind: 'withdraw' }
  /** Tell the peer immediately, on every path. */
  | { readonly kind: 'tell' }
  /**
   * Send a burst of probes on every lane now and probe quickly for a while. The answers decide, or explain a
   * fall.
   */
  | { readonly kind: 'burst' }
  /**
   * The tunnel answers but the container path does not, so Nebula may have lost the pinned route. Recreate
   * it.
   */
  | { readonly kind: 'repair' }
  | { readonly kind: 'record'; readonly transition: Transition }

/** What the state machine remembers about one peer's path. Times are monotonic milliseconds. */
export interface PeerPath {
  readonly phase: Phase
  /** When the phase started, and why. */
  readonly since: number
  readonly reason: Reason
  readonly detail: string
  /** The number of transitions so far. */
  readonly epoch: number
  /** No attempt starts before this moment. */
  readonly holdUntil: number
  /** The hold-off after the last fall, without jitter; 0 before the first fall. */
  readonly backoffMs: number
  /** Times of the falls from P2P_ACTIVE within the flap window. */
  readonly falls: readonly number[]
  /** Since when the direct path has been slower than allowed. */
  readonly slowSince: number | undefined
  /** Silence counts from here. Anything before a stall or a phase change proves nothing. */
  readonly countFrom: number
  /** Losses count from here. Losses while both paths were down do not count against the direct path. */
  readonly lossFrom: number
  /** Since when an answer has been overdue; a burst was sent then. Only in P2P_ACTIVE. */
  readonly doubtAt: number | undefined
  /** When the latest burst over many missed probes was sent. Only in P2P_ACTIVE. */
  readonly suspectAt: number | undefined
  /** Whether both paths are silent. */
  readonly bothSilent: boolean
  /** Whether this side would move to the direct path now if the peer agreed. */
  readonly ready: boolean
  /** Whether the gateway path exists and answered at the last reading, so that traffic may move there. */
  readonly canLeave: boolean
  /**
   * The peer's epoch when it last agreed to the direct path; undefined if unknown or if its agent has
   * restarted since.
   */
  readonly peerEpoch: number | undefined
  /** Timed-out attempts since traffic last moved to the direct path. */
  readonly timeouts: number
  /**
   * Whether the direct path was ever in use. Decides between GATEWAY_FALLBACK and GATEWAY_ONLY when an
   * attempt ends.
   */
  readonly wasActive: boolean
  /** Whether the pinned route was recreated since traffic last moved to the direct path. */
  readonly repaired: boolean
}
