// The parts of Nebula's configuration that this program needs. Missing keys stay undefined, because defaults
// differ between Nebula versions. A value that Nebula would not understand becomes a problem in words and
// never an error.

import {
  type AllowList,
  type FirewallRule,
  readAllowList,
  readRule,
  readUnsafeRoute,
  type UnsafeRoute,
} from './parts.ts'
import { asList, asMap, asText, asTexts, type Problems, sections } from './values.ts'

/** A path, or the PEM text itself (pki.go treats text with "-----BEGIN" as PEM). */
export type PkiMaterial = { readonly path: string } | { readonly pem: string }

/** All facts. Texts are unchanged; the times of `lighthouse` and `timers` are in seconds. */
export interface NebulaFacts {
  readonly pki: {
    readonly ca: PkiMaterial | undefined
    readonly cert: PkiMaterial | undefined
    readonly key: PkiMaterial | undefined
    /** Lowercase fingerprints. */
    readonly blocklist: readonly string[]
    readonly disconnectInvalid: boolean | undefined
  }
  /** Maps an overlay address to "host:port" texts. */
  readonly staticHostMap: ReadonlyMap<string, readonly string[]>
  readonly lighthouse: {
    readonly amLighthouse: boolean | undefined
    /** Overlay addresses. */
    readonly hosts: readonly string[]
    readonly interval: number | undefined
    readonly localAllowList: AllowList | undefined
    readonly remoteAllowList: AllowList | undefined
  }
  readonly listen: { readonly host: string | undefined; readonly port: number | undefined }
  readonly punchy: { readonly punch: boolean | undefined; readonly respond: boolean | undefined }
  readonly tun: {
    readonly disabled: boolean | undefined
    readonly dev: string | undefined
    readonly mtu: number | undefined
    readonly useSystemRouteTable: boolean | undefined
    readonly unsafeRoutes: readonly UnsafeRoute[]
  }
  readonly firewall: {
    readonly inbound: readonly FirewallRule[]
    readonly outbound: readonly FirewallRule[]
    readonly defaultLocalCidrAny: boolean | undefined
    readonly inboundAction: string | undefined
    readonly outboundAction: string | undefined
  }
  readonly stats: {
    /** "prometheus", "graphite", "none". */
    readonly type: string | undefined
    readonly listen: string | undefined
    readonly path: string | undefined
    readonly namespace: string | undefined
    readonly subsystem: string | undefined
    readonly messageMetrics: boolean | undefined
    readonly lighthouseMetrics: boolean | undefined
  }
  readonly relay: {
    readonly amRelay: boolean | undefined
    readonly useRelays: boolean | undefined
    readonly relays: readonly string[]
  }
  readonly timers: {
    readonly connectionAliveInterval: number | undefined
    readonly pendingDeletionInterval: number | undefined
  }
  readonly preferredRanges: readonly string[]
  readonly sshd: { readonly enabled: boolean | undefined; readonly listen: string | undefined }
  readonly cipher: string | undefined
  /** Sentences that start with the key: "tun.mtu: needs a number, is \"big\"". */
  readonly problems: readonly string[]
}

/** Extracts the facts from parsed YAML of any shape. */
export function nebulaFacts(value: unknown): NebulaFacts {
  const problems: string[] = []
  const note: Problems = (path, problem) => problems.push(`${path}: ${problem}`)
  const of = sections(value, note)
  const [pki, lighthouse, listen, tun] = [of('pki'), of('lighthouse'), of('listen'), of('tun')] as const
  const [firewall, stats, relay, timers] = [of('firewall'), of('stats'), of('relay'), of('timers')] as const
  const [punchy, sshd, top] = [of('punchy'), of('sshd'), of('')] as const
  return {
    pki: {
      ca: material(pki.text('ca')),
      cert: material(pki.text('cert')),
      key: material(pki.text('key')),
      blocklist: blocklist(pki.texts('blocklist'), note),
      disconnectInvalid: pki.flag('disconnect_invalid'),
    },
    staticHostMap: staticHosts(top.get('static_host_map'), note),
    lighthouse: {
      amLighthouse: lighthouse.flag('am_lighthouse'),
      hosts: lighthouse.texts('hosts'),
      interval: lighthouse.number('interval'),
      localAllowList: readAllowList(lighthouse.get('local_allow_list'), 'lighthouse.local_allow_list', note),
      remoteAllowList: readAllowList(
        lighthouse.get('remote_allow_list'),
        'lighthouse.remote_allow_list',
        note,
      ),
    },
    listen: { host: listen.text('host'), port: listen.number('port') },
    punchy: { punch: punchy.flag('punch'), respond: punchy.flag('respond') },
    tun: {
      disabled: tun.flag('disabled'),
      dev: tun.text('dev'),
      mtu: tun.number('mtu'),
      useSystemRouteTable: tun.flag('use_system_route_table'),
      unsafeRoutes: asList(tun.get('unsafe_routes'), 'tun.unsafe_routes', note).flatMap((item, index) =>
        readUnsafeRoute(item, `tun.unsafe_routes[${String(index)}]`, note),
      ),
    },
    firewall: {
      inbound: rules(firewall.get('inbound'), 'firewall.inbound', note),
      outbound: rules(firewall.get('outbound'), 'firewall.outbound', note),
      defaultLocalCidrAny: firewall.flag('default_local_cidr_any'),
      inboundAction: firewall.text('inbound_action'),
      outboundAction: firewall.text('outbound_action'),
    },
    stats: {
      type: stats.text('type'),
      listen: stats.text('listen'),
      path: stats.text('path'),
      namespace: stats.text('namespace'),
      subsystem: stats.text('subsystem'),
      messageMetrics: stats.flag('message_metrics'),
      lighthouseMetrics: stats.flag('lighthouse_metrics'),
    },
    relay: {
      amRelay: relay.flag('am_relay'),
      useRelays: relay.flag('use_relays'),
      relays: relay.texts('relays'),
    },
    timers: {
      connectionAliveInterval: timers.number('connection_alive_interval'),
      pendingDeletionInterval: timers.number('pending_deletion_interval'),
    },
    preferredRanges: top.texts('preferred_ranges'),
    sshd: { enabled: sshd.flag('enabled'), listen: sshd.text('listen') },
    cipher: top.text('cipher'),
    problems,
  }
}

function material(text: string | undefined): PkiMaterial | undefined {
  if (text === undefined) return undefined
  return text.includes('-----BEGIN') ? { pem: text } : { path: text }
}

function blocklist(texts: readonly string[], note: Problems): readonly string[] {
  return texts.flatMap((text, index) => {
    const fingerprint = text.trim().toLowerCase()
    if (/^[0-9a-f]{64}$/.test(fingerprint)) return [fingerprint]
    note(
      `pki.blocklist[${String(index)}]`,
      'is not a fingerprint of 64 hexadecimal digits (put it in quotes): ' +
        `${JSON.stringify(text.slice(0, 70))}`,
    )
    return []
  })
}

function staticHosts(value: unknown, note: Problems): ReadonlyMap<string, readonly string[]> {
  const path = 'static_host_map'
  return new Map(
    Object.entries(asMap(value, path, note)).map(([overlay, hosts]) => {
      const single = typeof hosts === 'string' ? asText(hosts, `${path}.${overlay}`, note) : undefined
      return [overlay, single === undefined ? asTexts(hosts, `${path}.${overlay}`, note) : [single]]
    }),
  )
}

function rules(value: unknown, path: string, note: Problems): readonly FirewallRule[] {
  return asList(value, path, note).flatMap((item, index) => readRule(item, `${path}[${String(index)}]`, note))
}
