// Provides hosts for one scenario and always removes them.

import { type Host, makeHost } from '../host/host.ts'
import type { Bench } from '../row.ts'

/**
 * Runs a scenario with one host.
 * @param name of the host, at most 11 bytes and used by one scenario only
 */
export async function withHost<T>(
  { work }: Bench,
  name: string,
  measure: (host: Host) => Promise<T>,
): Promise<T> {
  const host = await makeHost(name, work)
  try {
    return await measure(host)
  } finally {
    await host.remove()
  }
}

/** Runs a scenario with two hosts, named as in {@link withHost}. */
export function withHosts<T>(
  bench: Bench,
  [first, second]: readonly [string, string],
  measure: (first: Host, second: Host) => Promise<T>,
): Promise<T> {
  return withHost(bench, first, (one) => withHost(bench, second, (other) => measure(one, other)))
}
