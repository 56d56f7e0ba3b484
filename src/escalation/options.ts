// The numbers of Graceful Escalation with their defaults. Each default's reason stands beside it; docs/agent.md has the
// measurements.

/** All times in milliseconds, all ratios from 0 to 1. */
export interface EscalationOptions {
  /** No answer for so long on a path that carries traffic: it is dead. */
  readonly silenceMs: number
  /** No answer for so many probe intervals: the path is doubted, and a burst of probes decides. */
  readonly silenceIntervals: number
  readonly lossShort: { readonly probes: number; readonly most: number }
  readonly lossLong: { readonly probes: number; readonly most: number }
  readonly latency: { readonly mostMs: number; readonly times: number; readonly forMs: number }
  /** Large probes lost in a row, while small ones pass, that make an MTU fault. */
  readonly bigMissed: number
  /** Good probes in a row, of each kind, before P2P is taken. */
  readonly good: number
  /** Large probes answered in a row before P2P is taken. */
  readonly bigGood: number
  /** The least hold-off: no attempt begins sooner after the start, a fall or an attempt that failed. */
  readonly minHoldMs: number
  /** An attempt ends after this time, and after half as long again when the peer is on P2P already. */
  readonly attemptMs: number
  /** The wait after an attempt that ran out of time doubles with each further one, from minHoldMs up to this. */
  readonly attemptHoldMs: number
  readonly backoff: {
    readonly firstMs: number
    readonly times: number
    readonly mostMs: number
    /** Part of the hold-off by which it varies either way. */
    readonly jitter: number
    /** Stable P2P for so long makes the hold-off start anew. */
    readonly resetMs: number
    /** So many falls within the window mean flapping, and the hold-off is at least `flapMs`. */
    readonly flaps: number
    readonly flapWindowMs: number
    readonly flapMs: number
  }
}

export const ESCALATION_DEFAULTS: EscalationOptions = {
  // Fault-free gaps of 423 ms were seen on a busy virtual machine; three lost probes of 250 ms and their answer's time.
  silenceMs: 800,
  silenceIntervals: 2,
  lossShort: { probes: 20, most: 0.2 },
  // Over 50 probes chance alone left a path of 1 % loss once an hour (simulated: 26 times in 25 hours; over 100 five times).
  lossLong: { probes: 100, most: 0.1 },
  latency: { mostMs: 1000, times: 4, forMs: 5000 },
  bigMissed: 3,
  good: 10,
  bigGood: 2,
  minHoldMs: 5000,
  // A Nebula handshake takes up to 6 s (handshake_manager.go: ten tries 100 ms further apart each).
  attemptMs: 10_000,
  // A path that answers a little and never enough must not fill the log; a repaired one is found within a minute.
  attemptHoldMs: 60_000,
  backoff: {
    firstMs: 5000,
    times: 2,
    mostMs: 300_000,
    jitter: 0.2,
    resetMs: 300_000,
    flaps: 3,
    flapWindowMs: 600_000,
    flapMs: 60_000,
  },
}
