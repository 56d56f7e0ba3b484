// GET /v1/containers: the containers of this host; ?all=1: of the other hosts too, each asked over the overlay, since every
// host is the only authority for its own.

import { isObject } from '../config/shape.ts'

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

/** Whether something that another host has said is a container, to the last text in it. */
export function isContainerView(value: unknown): value is ContainerView {
  if (!isObject(value)) return false
  const { names, addresses, ports, state } = value
  const texts = ['host', 'id', 'network', 'ifname', 'since'].map((key) => value[key])
  return (
    texts.every((text) => typeof text === 'string') &&
    isTexts(names) &&
    isTexts(addresses) &&
    Array.isArray(ports) &&
    ports.every(isPortView) &&
    (state === 'up' || state === 'adding' || state === 'stale')
  )
}

function isPortView(value: unknown): value is PortView {
  if (!isObject(value)) return false
  const { protocol, hostPort, containerPort, hostIp } = value
  return (
    (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') &&
    typeof hostPort === 'number' &&
    typeof containerPort === 'number' &&
    (hostIp === null || typeof hostIp === 'string')
  )
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
