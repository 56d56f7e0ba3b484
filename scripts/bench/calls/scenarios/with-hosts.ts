// Provides two hosts for one scenario and always removes them.

import { type Host, makeHost } from '../host/host.ts'
import type { Bench } from '../row.ts'

/**
 * Runs a scenario with two hosts.
 * @param names of the two hosts, each at most 11 bytes and used by one scenario only
 */
export async function withHosts<T>(
  { work }: Bench,
  names: readonly [string, string],
  measure: (first: Host, second: Host) => Promise<T>,
): Promise<T> {
  const first = await makeHost(names[0], work)
  try {
    const second = await makeHost(names[1], work)
    try {
      return await measure(first, second)
    } finally {
      await second.remove()
    }
  } finally {
    await first.remove()
  }
}
