// Waits until the host is in touch with its office.

import { connect } from 'node:net'
import { formatIp, type Ip, parseIp } from '../addr/ip.ts'
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

const PAUSE_MS = 250
const ANSWER_SECONDS = 2

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
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  const others = bundle.lighthouses.filter(({ name }) => name !== bundle.name)
  if (others.length === 0) return { kind: 'alone' }
  do {
    for (const { name, overlay } of others) {
      const ip = parseIp(overlay[0] ?? '')
      if (ip !== undefined && (await answers(ip))) return { kind: 'answers', lighthouse: name }
    }
  } while (performance.now() < end && !signal.aborted)
  return { kind: 'silent', lighthouses: others.map(({ name }) => name) }
}

async function answers(ip: Ip): Promise<boolean> {
  return (await ping(ip, ANSWER_SECONDS)) ?? (await reachesAgentPort(ip))
}

// A bare Debian has no ping. A connection to the agent's port tells the same: Nebula's rules let it through
// to every host of the office, and a host without an agent refuses it.
function reachesAgentPort(ip: Ip): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: formatIp(ip), port: NEBULA_DEFAULTS.agentPort })
    const settle = (isThere: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(isThere)
    }
    const timer = setTimeout(() => settle(false), ANSWER_SECONDS * 1000)
    socket.on('connect', () => settle(true))
    // Any other error means silence, and the timer paces the next try.
    socket.on('error', (error) => {
      if ('code' in error && error.code === 'ECONNREFUSED') settle(true)
    })
  })
}
