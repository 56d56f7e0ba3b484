// Answers questions from the zone. What is outside of it is for the host's resolvers.

import type { Ip } from '../addr/ip.ts'
import { contains, type Prefix } from '../addr/prefix.ts'
import { reverseIp } from './reverse.ts'
import { type Answer, CLASS_IN, type Question, RCODE, type Reply, TYPE, writeName } from './wire.ts'
import type { NameEntry, Zone } from './zone.ts'

/** What the answers come from. */
export interface Authority {
  readonly zone: Zone
  /** Labels of the domain: ["flatnet", "internal"]. */
  readonly domain: readonly string[]
  /** Grows with the zone; the serial number of its SOA. */
  readonly serial: number
  /** Addresses whose names no other resolver knows. */
  readonly pools: readonly Prefix[]
}

/** Seconds. Containers come and go, and asking again costs a datagram on the own host. */
const TTL = 5

/** Returns the answer, or undefined for a question outside the domain and the pools. */
export function answer(question: Question, authority: Authority): Reply | undefined {
  const { labels, type } = question
  if (question.class !== CLASS_IN) return undefined
  const reverse = reverseIp(labels)
  if (reverse !== undefined) {
    if (!authority.pools.some((pool) => contains(pool, reverse.ip))) return undefined
    return pointer(reverse.text, type, authority)
  }
  const { domain } = authority
  const inner = labels.slice(0, Math.max(0, labels.length - domain.length))
  if (
    labels.length < domain.length ||
    !domain.every((label, index) => label === labels[inner.length + index])
  )
    return undefined
  return inDomain(inner, type, authority)
}

function inDomain(inner: readonly string[], type: number, authority: Authority): Reply {
  const { zone, domain } = authority
  if (inner.length === 0) return type === TYPE.SOA ? found([soa(authority)]) : missing(authority, RCODE.OK)
  const service = inner.findLastIndex((label) => label.startsWith('_'))
  const own = inner.slice(service + 1)
  const entry = lookUp(own, zone)
  if (service >= 0) {
    const ports = entry === undefined ? undefined : portsOf(inner.slice(0, service + 1), entry)
    if (entry === undefined || ports === undefined || ports.length === 0)
      return missing(authority, RCODE.NXDOMAIN)
    if (type !== TYPE.SRV && type !== TYPE.ANY) return missing(authority, RCODE.OK)
    const target = [...own, ...domain]
    return {
      ...found([...new Set(ports)].map((port) => srv(port, target))),
      additional: addressRecords(entry.addresses, TYPE.ANY).map((record) => ({ ...record, name: target })),
    }
  }
  if (entry === undefined) {
    // The name of a host has names below it, so it exists (RFC 8020).
    const isHost = own.length === 1 && zone.hosts.has(own[0] ?? '')
    return missing(authority, isHost ? RCODE.OK : RCODE.NXDOMAIN)
  }
  const records = addressRecords(entry.addresses, type)
  return records.length > 0 ? found(records) : missing(authority, RCODE.OK)
}

// "my_app" finds what is called that, although its label is "my-app".
function lookUp(given: readonly string[], { names, hosts }: Zone): NameEntry | undefined {
  const labels = given.map((label) => label.replaceAll('_', '-'))
  const [name = '', host] = labels
  if (labels.length === 1) return names.get(name)
  return labels.length === 2 ? hosts.get(host ?? '')?.get(name) : undefined
}

// "_tcp.web" stands for all published TCP ports of web, "_8080._tcp.web" for the one published as 8080. The
// container is reached at its own address, so the port is its own too.
function portsOf(service: readonly string[], { ports }: NameEntry): readonly number[] | undefined {
  const protocol = service.at(-1)?.slice(1)
  const [number] = service.length === 2 ? [Number(service[0]?.slice(1))] : [undefined]
  if (service.length > 2) return undefined
  return ports
    .filter((port) => port.protocol === protocol && (number === undefined || port.hostPort === number))
    .map(({ containerPort }) => containerPort)
}

function addressRecords(addresses: readonly Ip[], type: number): readonly Answer[] {
  return addresses.flatMap((ip) => {
    const own = ip.family === 4 ? TYPE.A : TYPE.AAAA
    return type === own || type === TYPE.ANY ? [{ type: own, ttl: TTL, data: ipBytes(ip) }] : []
  })
}

function ipBytes({ family, value }: Ip): Buffer {
  const digits = family === 4 ? 8 : 32
  return Buffer.from(value.toString(16).padStart(digits, '0'), 'hex')
}

// RFC 2782: priority, weight, port, target.
function srv(port: number, target: readonly string[]): Answer {
  const head = Buffer.alloc(6)
  head.writeUInt16BE(port, 4)
  return { type: TYPE.SRV, ttl: TTL, data: Buffer.concat([head, writeName(target)]) }
}

function pointer(address: string, type: number, authority: Authority): Reply {
  const named = authority.zone.addresses.get(address)
  if (named === undefined) return missing(authority, RCODE.NXDOMAIN)
  if (type !== TYPE.PTR && type !== TYPE.ANY) return missing(authority, RCODE.OK)
  return found([{ type: TYPE.PTR, ttl: TTL, data: writeName([...named, ...authority.domain]) }])
}

function found(answers: readonly Answer[]): Reply {
  return { rcode: RCODE.OK, answers, authority: [], additional: [] }
}

// With the SOA, so that the asking side knows for how long that holds (RFC 2308, section 3).
function missing(authority: Authority, rcode: number): Reply {
  return { rcode, answers: [], authority: [soa(authority)], additional: [] }
}

function soa({ domain, serial }: Authority): Answer {
  const numbers = Buffer.alloc(20)
  for (const [index, number] of [serial >>> 0, 3600, 600, 86_400, TTL].entries())
    numbers.writeUInt32BE(number, index * 4)
  const data = Buffer.concat([writeName(['ns', ...domain]), writeName(['hostmaster', ...domain]), numbers])
  return { name: domain, type: TYPE.SOA, ttl: TTL, data }
}
