// ip-monitor(8): classifies a line of `ip -oneline monitor label link address route`. A line is only a reason
// to look: its reader must query the kernel for the actual state.

/** What happened, as far as the agent cares. */
export type KernelNotice =
  | { readonly kind: 'link-gone'; readonly dev: string }
  /** A link, an address or a route has changed. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'other' }

/** Parses one line. */
export function parseMonitorLine(line: string): KernelNotice {
  const match = /^\[(LINK|ADDR|ROUTE)\](Deleted )?(.*)$/.exec(line)
  const [, label, deleted, rest = ''] = match ?? []
  if (label === undefined) return { kind: 'other' }
  if (label !== 'LINK' || deleted === undefined) return { kind: 'changed' }
  // "5: nebula1: <…>" and "5: veth0@if4: <…>".
  const dev = /^\d+: ([^\s:@]+)/.exec(rest)?.[1]
  return dev === undefined ? { kind: 'changed' } : { kind: 'link-gone', dev }
}
