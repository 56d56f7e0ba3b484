// The lighthouses in Nebula's configuration, each pinged through the overlay.

export interface LighthouseFacts {
  readonly hosts: readonly {
    readonly overlay: string
    /** "host:port" from static_host_map. */
    readonly underlay: readonly string[]
    /** Whether an echo reply arrived; undefined when the request could not be sent. */
    readonly answers: boolean | undefined
  }[]
}
