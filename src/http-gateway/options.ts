// The settings of the HTTP Gateway, complete and checked (src/config/http-gateway-settings.ts reads them).

/** A container is reachable when it publishes a TCP port, declares one, or only when its label says so. */
export const REACH = ['published', 'exposed', 'label'] as const
export type Reach = (typeof REACH)[number]

export interface HttpGatewayOptions {
  /** The TCP port for browsers. */
  readonly port: number
  /** The addresses to listen on, canonical texts; all addresses of the host when empty. */
  readonly addresses: readonly string[]
  /** The TCP port on 127.0.0.1 for health and metrics. */
  readonly statusPort: number
  /** Names end in it: "web.flatnet.internal". */
  readonly domain: string
  readonly reach: Reach
  /**
   * Where HTTP Gateways of other hosts find this one: an address, or undefined for the host's own on the link
   * of its gateway hop.
   */
  readonly lanAddress: string | undefined
  /** The port that belongs to it. It differs from the HTTP Gateway's own where Windows forwards it. */
  readonly lanPort: number
  readonly connectionsPerClient: number
}

export const HTTP_GATEWAY_DEFAULTS: HttpGatewayOptions = {
  port: 80,
  addresses: [],
  statusPort: 4281,
  // ICANN has set .internal aside for private use.
  domain: 'flatnet.internal',
  reach: 'published',
  lanAddress: undefined,
  lanPort: 80,
  connectionsPerClient: 2000,
}
