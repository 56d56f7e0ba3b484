// What a runtime asks for one attachment, in the words of no protocol. Every front end turns its own words
// into this.

import type { Ip } from '../addr/ip.ts'
import type { Span } from '../addr/span.ts'
import type { JsonObject } from '../json.ts'
import type { AttachmentKey, ProcessIdentity } from '../net/attachment.ts'
import type { PortMapping } from '../net/ports/mapping.ts'
import type { Bandwidth } from './container-settings.ts'

/** An attachment by name. A removal needs no more. */
export interface AttachmentTarget {
  readonly key: AttachmentKey
  /** The network's own settings keys, which override the host's. */
  readonly own: JsonObject
}

/** The container's network namespace as the runtime gives it. */
export interface GivenNetns {
  readonly path: string
  /** Where the runtime gives it, for messages: "CNI_NETNS". */
  readonly source: string
  /** Whether it may be the host's own namespace. */
  readonly allowOwn: boolean
}

/** An attachment by name, and the namespace it is in. An inspection needs no more. */
export interface AttachmentPlace extends AttachmentTarget {
  readonly netns: GivenNetns
}

/** What to add. `ips` holds at most one address per family. */
export interface AttachmentRequest extends AttachmentPlace {
  /**
   * Whether a living attachment of the same name in the same namespace is replaced. Otherwise it is an error.
   */
  readonly replaces: boolean
  readonly ips: readonly Ip[]
  /** Lowercase, six octets with colons. */
  readonly mac: string | undefined
  readonly ports: readonly PortMapping[]
  /**
   * The ranges to choose addresses from that were not requested by name. Empty means the whole host subnet.
   */
  readonly ranges: readonly Span[]
  /** Overrides the settings if given. */
  readonly bandwidth: Bandwidth | undefined
  readonly aliases: readonly string[]
  /** Whether the runtime puts what its user says about resolvers before what the attachment says. */
  readonly prefersUserDns: boolean
  /** The runtime's name for the container. */
  readonly containerName: string | undefined
  /** The process that starts the container, where a front end can tell. */
  readonly starter?: ProcessIdentity
}
