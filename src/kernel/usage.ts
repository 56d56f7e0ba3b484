// The resource usage of our own process, for the process_* metrics
// (https://prometheus.io/docs/instrumenting/writing_clientlibs/, "Process metrics").

import { readdirSync } from 'node:fs'

/** In seconds, bytes and a count. The start is a Unix time. */
interface ProcessUsage {
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly startSeconds: number
  readonly openFds: number
}

/** Returns the current figures. */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage()
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    startSeconds: performance.timeOrigin / 1000,
    // Do not count the descriptor of the listing itself.
    openFds: readdirSync('/proc/self/fd').length - 1,
  }
}
