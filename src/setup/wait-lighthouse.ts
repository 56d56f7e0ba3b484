// Waits until the host is in touch with its office.

import { parseIp } from '../addr/ip.ts'
import { ping } from '../exec/network/ping.ts'
import { linkExists } from '../kernel/presence.ts'
import type { CheckedBundle } from '../provision/bundle/contents.ts'
import { NEBULA_DEFAULTS } from '../provision/nebula/plan.ts'

/** 'down': Nebula does not run. 'alone': this host is the only lighthouse, so there is none to ask. */
export type Touch =
  | { readonly kind: 'answers'; readonly lighthouse: string }
  | { readonly kind: 'silent'; readonly lighthouses: readonly string[] }
  | { readonly kind: 'down' }
  | { readonly kind: 'alone' }

const LINK_PAUSE_MS = 250

/**
 * Waits until a lighthouse answers. @param seconds how long at most; 0 asks once
 */
export async function waitForLighthouse(
  { bundle }: CheckedBundle,
  seconds: number,
  signal: AbortSignal,
): Promise<Touch> {
  const end = performance.now() + seconds * 1000
  while (!linkExists(NEBULA_DEFAULTS.device)) {
    if (performance.now() >= end || signal.aborted) return { kind: 'down' }
    await new Promise((resolve) => setTimeout(resolve, LINK_PAUSE_MS))
  }
  const others = bundle.lighthouses.filter(({ name }) => name !== bundle.name)
  if (others.length === 0) return { kind: 'alone' }
  do {
    for (const { name, overlay } of others) {
      const ip = parseIp(overlay[0] ?? '')
      if (ip !== undefined && (await ping(ip, 2)) === true) return { kind: 'answers', lighthouse: name }
    }
  } while (performance.now() < end && !signal.aborted)
  return { kind: 'silent', lighthouses: others.map(({ name }) => name) }
}
