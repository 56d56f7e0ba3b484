// What our own process uses, for the process_* metrics (https://prometheus.io/docs/instrumenting/writing_clientlibs/,
// "Process metrics").

import { readdirSync } from 'node:fs'

/** Seconds, bytes, a count; the start as Unix time. */
export interface ProcessUsage {
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly startSeconds: number
  readonly openFds: number
}

/** The figures of this moment. */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage()
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    startSeconds: performance.timeOrigin / 1000,
    // One of them is the listing's own.
    openFds: readdirSync('/proc/self/fd').length - 1,
  }
}
