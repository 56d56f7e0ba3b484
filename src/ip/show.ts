// The JSON of `ip -j … show`, parsed in this one place. Which fields there are differs between kernels and
// versions of iproute2, so every field may be absent.

/** An address of a link, after `ip address show`. */
interface ShownAddress {
  readonly local?: string
  readonly prefixlen?: number
  /** "global", "link", "host" */
  readonly scope?: string
  /**
   * The preferred lifetime is over, so the kernel does not choose this address as a source (RFC 4862, section
   * 5.5.4).
   */
  readonly deprecated?: boolean
}

/** A link, after `ip link show` or `ip address show`. */
export interface ShownLink {
  readonly ifname?: string
  readonly ifindex?: number
  readonly ifalias?: string
  /** The index of a veth's other end. */
  readonly link_index?: number
  /** The MAC. */
  readonly address?: string
  readonly master?: string
  readonly mtu?: number
  readonly flags?: readonly string[]
  readonly addr_info?: readonly ShownAddress[]
}

/**
 * Parses the list. Undefined text means that the object does not exist; iproute2 prints nothing if
 * nothing matches.
 */
export function parseShown<Entry>(text: string | undefined): readonly Entry[] {
  return text === undefined || text.trim() === '' ? [] : (JSON.parse(text) as readonly Entry[])
}

/** Parses the only link of a list. */
export function parseShownLink(text: string | undefined): ShownLink | undefined {
  return parseShown<ShownLink>(text)[0]
}

/** Returns whether a link is set up. */
export function isUp({ flags }: ShownLink): boolean {
  return flags?.includes('UP') ?? false
}

/** Formats an address: "10.87.1.1/24". */
export function addressText({ local, prefixlen }: ShownAddress): string {
  return `${String(local)}/${String(prefixlen)}`
}
