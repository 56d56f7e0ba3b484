// The parameters of Graceful Escalation with their defaults. The reason for a default stands next to it;
// docs/agent.md has the measurements.

/** All times are in milliseconds, all ratios from 0 to 1. */
export interface EscalationOptions {
  /** A path that carries traffic is dead after this long without an answer. */
  readonly silenceMs: number
  /**
   * After this many probe intervals without an answer the path is in doubt, and a burst of probes decides.
   */
  readonly silenceIntervals: number
  readonly lossShort: { readonly probes: number; readonly most: number }
  readonly lossLong: { readonly probes: number; readonly most: number }
  readonly latency: { readonly mostMs: number; readonly times: number; readonly forMs: number }
  /** Large probes lost in a row, while small ones pass, that indicate an MTU fault. */
  readonly bigMissed: number
  /** Good probes in a row, of each kind, before traffic moves to the direct path. */
  readonly good: number
  /** Large probes answered in a row before traffic moves to the direct path. */
  readonly bigGood: number
  /** The minimum hold-off. No attempt starts sooner after agent start, a fall or a failed attempt. */
  readonly minHoldMs: number
  /** An attempt ends after this time, or after 1.5 times as long if the peer already uses the direct path. */
  readonly attemptMs: number
  /** The wait after a timed-out attempt doubles with each further one, from minHoldMs up to this limit. */
  readonly attemptHoldMs: number
  readonly backoff: {
    readonly firstMs: number
    readonly times: number
    readonly mostMs: number
    /** The fraction by which the hold-off varies, in either direction. */
    readonly jitter: number
    /** The hold-off starts from its first value again after the direct path was stable for this long. */
    readonly resetMs: number
    /** This many falls within the window count as flapping, and the hold-off is then at least `flapMs`. */
    readonly flaps: number
    readonly flapWindowMs: number
    readonly flapMs: number
  }
}

export const ESCALATION_DEFAULTS: EscalationOptions = {
  // A busy virtual machine showed gaps of 423 ms without a fault. 800 ms cover three lost probes at 250 ms
  // and the time of their answers.
  silenceMs: 800,
  silenceIntervals: 2,
  lossShort: { probes: 20, most: 0.2 },
  // Over 50 probes, chance alone failed a path with 1 % loss about once an hour (simulated: 26 times in 25
  // hours; over 100 probes five times).
  lossLong: { probes: 100, most: 0.1 },
  latency: { mostMs: 1000, times: 4, forMs: 5000 },
  bigMissed: 3,
  good: 10,
  bigGood: 2,
  minHoldMs: 5000,
  // A Nebula handshake takes up to 6 s (handshake_manager.go: ten tries, each 100 ms further apart).
  attemptMs: 10_000,
  // A path that answers a little but never enough must not fill the log, and a repaired path is found within
  // a minute.
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
