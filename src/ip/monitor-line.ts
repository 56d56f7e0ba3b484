// ip-monitor(8): what a line of `ip -oneline monitor label link address route` is about. The lines are reasons to look, not
// the truth: whoever hears one looks at the kernel itself.

/** What has happened, as far as the agent cares. */
export type KernelNotice =
  | { readonly kind: 'link-gone'; readonly dev: string }
  /** A link, an address or a route is another one than before. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'other' }

/** Reads one line. */
export function parseMonitorLine(line: string): KernelNotice {
  const match = /^\[(LINK|ADDR|ROUTE)\](Deleted )?(.*)$/.exec(line)
  const [, label, deleted, rest = ''] = match ?? []
  if (label === undefined) return { kind: 'other' }
  if (label !== 'LINK' || deleted === undefined) return { kind: 'changed' }
  // "5: nebula1: <…>" and "5: veth0@if4: <…>".
  const dev = /^\d+: ([^\s:@]+)/.exec(rest)?.[1]
  return dev === undefined ? { kind: 'changed' } : { kind: 'link-gone', dev }
}
