// The lighthouses of Nebula's configuration, each asked through the overlay.

export interface LighthouseFacts {
  readonly hosts: readonly {
    readonly overlay: string
    /** "host:port" of static_host_map. */
    readonly underlay: readonly string[]
    /** Whether an echo came back; undefined when it could not be sent. */
    readonly answers: boolean | undefined
  }[]
}
