// ip-monitor(8): what a line of `ip -oneline monitor label link address route` is about. The lines are reasons to look, not
// the truth: whoever hears one looks at the kernel itself.

import { ROUTE_PROTOCOL } from './route.ts'

/** What has happened, as far as the agent cares. */
export type KernelNotice =
  | { readonly kind: 'link-gone'; readonly dev: string }
  /** A link is new or another than before; `up`: it can carry packets. */
  | { readonly kind: 'link'; readonly dev: string; readonly up: boolean }
  | { readonly kind: 'address'; readonly dev: string; readonly gone: boolean }
  /** `own`: a route with our protocol number. `dev` is missing for an unreachable one. */
  | {
      readonly kind: 'route'
      readonly dev: string | undefined
      readonly gone: boolean
      readonly own: boolean
    }
  | { readonly kind: 'other' }

/** Reads one line. */
export function parseMonitorLine(line: string): KernelNotice {
  const match = /^\[(LINK|ADDR|ROUTE)\](Deleted )?(.*)$/.exec(line)
  const [, label, deleted, rest = ''] = match ?? []
  const gone = deleted !== undefined
  if (label === 'ROUTE') {
    const own = new RegExp(` proto ${String(ROUTE_PROTOCOL)}( |$)`).test(rest)
    return { kind: 'route', dev: / dev (\S+)/.exec(rest)?.[1], gone, own }
  }
  // "5: nebula1: <…>" and "5: veth0@if4: <…>" of a link, "5: nebula1    inet …" of an address.
  const dev = /^\d+: ([^\s:@]+)/.exec(rest)?.[1]
  if (dev === undefined) return { kind: 'other' }
  if (label === 'ADDR') return { kind: 'address', dev, gone }
  if (gone) return { kind: 'link-gone', dev }
  const flags = /<([^>]*)>/.exec(rest)?.[1]?.split(',') ?? []
  return { kind: 'link', dev, up: flags.includes('UP') && flags.includes('LOWER_UP') }
}
