// GET /v1/containers returns the containers of this host. With ?all=1 it adds those that the other hosts have
// told, because every host is the only authority for its own containers.

import { isObject } from '../json.ts'

/** What keeps packets to a published port from going where people expect them. */
export interface PortTroubleView {
  /**
   * A program of the host listens on the port, but the container gets the packets; or the host
   * lacks the address.
   */
  readonly kind: 'host-program' | 'absent-address'
  /** The same with particulars, for people. */
  readonly says: string
}

/** A published port. */
export interface PortView {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly hostPort: number
  readonly containerPort: number
  /** The host address that it is published on; null for all. */
  readonly hostIp: string | null
  /** Null if there is none; absent from agents of earlier versions. */
  readonly trouble?: PortTroubleView | null
}

/** A port that the image declares. The runtime may publish it or not. */
export interface ExposedPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
}

/** One container on one of our networks. */
export interface ContainerView {
  /** The flatnet host that runs it. */
  readonly host: string
  readonly id: string
  /** The names from the runtime and its users; empty if unknown. */
  readonly names: readonly string[]
  readonly network: string
  readonly ifname: string
  /** Without prefix length. */
  readonly addresses: readonly string[]
  readonly ports: readonly PortView[]
  /** From the runtime, where it tells. Absent from agents of earlier versions, like the next one. */
  readonly exposed?: readonly ExposedPort[]
  /** The labels whose name begins with "flatnet.". */
  readonly labels?: Readonly<Record<string, string>>
  readonly since: string
  /** 'stale': gc would remove it. */
  readonly state: 'up' | 'adding' | 'stale'
}

export interface ContainersView {
  readonly version: 1
  readonly containers: readonly ContainerView[]
  /** Hosts whose containers are not known, with the reason. Empty without ?all=1. */
  readonly silent: readonly { readonly host: string; readonly reason: string }[]
}

/** Returns whether a value from another host is a container, checking every text in it. */
export function isContainerView(value: unknown): value is ContainerView {
  if (!isObject(value)) return false
  const { names, addresses, ports, state, exposed, labels } = value
  const texts = ['host', 'id', 'network', 'ifname', 'since'].map((key) => value[key])
  return (
    texts.every((text) => typeof text === 'string') &&
    isTexts(names) &&
    isTexts(addresses) &&
    Array.isArray(ports) &&
    ports.every(isPortView) &&
    (exposed === undefined || (Array.isArray(exposed) && exposed.every(isExposedPort))) &&
    (labels === undefined || (isObject(labels) && isTexts(Object.values(labels)))) &&
    (state === 'up' || state === 'adding' || state === 'stale')
  )
}

function isPortView(value: unknown): value is PortView {
  if (!isObject(value)) return false
  const { protocol, hostPort, containerPort, hostIp, trouble } = value
  return (
    (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') &&
    typeof hostPort === 'number' &&
    typeof containerPort === 'number' &&
    (hostIp === null || typeof hostIp === 'string') &&
    (trouble === undefined || trouble === null || isTrouble(trouble))
  )
}

function isExposedPort(value: unknown): value is ExposedPort {
  if (!isObject(value)) return false
  const { protocol, port } = value
  return (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') && typeof port === 'number'
}

function isTrouble(value: unknown): value is PortTroubleView {
  if (!isObject(value)) return false
  const { kind, says } = value
  return (kind === 'host-program' || kind === 'absent-address') && typeof says === 'string'
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
