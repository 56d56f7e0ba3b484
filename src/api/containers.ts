// GET /v1/containers: the containers of this host; ?all=1: of the other hosts too, each asked over the overlay, since every
// host is the only authority for its own.

/** A published port. */
export interface PortView {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly hostPort: number
  readonly containerPort: number
  /** The host's address it is published on; null: all. */
  readonly hostIp: string | null
}

/** One container on one network of ours. */
export interface ContainerView {
  /** The flatnet host it runs on. */
  readonly host: string
  readonly id: string
  /** What the runtime and its users call it; empty where nobody told. */
  readonly names: readonly string[]
  readonly network: string
  readonly ifname: string
  /** Without prefix length. */
  readonly addresses: readonly string[]
  readonly ports: readonly PortView[]
  readonly since: string
  /** 'stale': gc would remove it. */
  readonly state: 'up' | 'adding' | 'stale'
}

export interface ContainersView {
  readonly version: 1
  readonly containers: readonly ContainerView[]
  /** Hosts that did not answer, with the reason; empty without ?all=1. */
  readonly silent: readonly { readonly host: string; readonly reason: string }[]
}
