// How hosts prove who they are and find each other: pki, static_host_map, lighthouse, listen, punchy, relay.

import { formatIp, type Ip, parseIp } from '../../addr/ip.ts'
import { formatPrefix, networkOf } from '../../addr/prefix.ts'
import type { Endpoint, Lighthouse, NebulaPlan } from './plan.ts'
import { inSection, type Setting, type YamlMap } from './setting.ts'

/** Names of links that carry containers, as regular expressions that Nebula anchors at both ends. */
const CONTAINER_LINKS = ['flatnet.*', 'docker.*', 'br-.*', 'veth.*', 'podman.*', 'cni.*', 'nerdctl.*']

// 10 MiB: bursts of a fast LAN are lost with the kernel's default.
const SOCKET_BYTES = 10_485_760

/** Returns where the key, the certificate and the CAs are, and what is revoked. */
export function pkiSettings({ pki: { ca, cert, key }, blocklist }: NebulaPlan): readonly Setting[] {
  const set = inSection('pki')
  return [
    set('ca', ca, 'Certificates of every CA that this host trusts. Files, so that a reload takes new ones.'),
    set('cert', cert, "The host's certificate. It carries the subnet of the host's containers."),
    set('key', key, 'The private key. Only root may read it; it never leaves this host.'),
    set(
      'disconnect_invalid',
      true,
      'Ends tunnels to hosts whose certificate has expired or is blocked. The default is false before 1.8.',
    ),
    set(
      'blocklist',
      blocklist,
      'Fingerprints of revoked certificates. Lighthouses do not pass them on, so every host has the list.',
    ),
  ]
}

/** Returns how lighthouses are found, and which addresses hosts tell each other. */
export function lighthouseSettings(plan: NebulaPlan): readonly Setting[] {
  const set = inSection('lighthouse')
  const others = otherLighthouses(plan)
  const hosts = others.map(({ overlay }) => formatIp(overlay))
  return [
    {
      path: ['static_host_map'],
      value: Object.fromEntries(
        others.map(({ overlay, endpoints }) => [formatIp(overlay), endpoints.map(endpointText)]),
      ),
      why:
        'Where each lighthouse is on the LAN. Nebula does not start if one of lighthouse.hosts is ' +
        'missing here.',
    },
    set(
      'am_lighthouse',
      plan.isLighthouse,
      'Lighthouses tell hosts where the others are. Only they need a fixed address.',
    ),
    set(
      'hosts',
      plan.isLighthouse ? [] : hosts,
      plan.isLighthouse
        ? 'Empty on a lighthouse: lighthouses do not ask each other.'
        : 'Overlay addresses of all lighthouses. One that answers is enough.',
    ),
    ...(plan.isLighthouse
      ? []
      : [
          set(
            'interval',
            10,
            'Seconds between reports of the own address. After a restart of WSL2 the address may be ' +
              'new; with the 60 of the sample file the others learn it late.',
          ),
        ]),
    set(
      'local_allow_list',
      { interfaces: deniedLinks(plan) },
      'Addresses of container bridges must not be advertised: ' +
        'they lead back into the tunnel or to the peer itself, and only ten addresses of a host are kept.',
    ),
    set(
      'remote_allow_list',
      Object.fromEntries(plan.pools.map((pool) => [formatPrefix(networkOf(pool)), false])),
      "A container's address is never a way to a host. All other addresses stay allowed.",
    ),
    ...(plan.isLighthouse && plan.servesDns ? dnsSettings(plan) : []),
  ]
}

function dnsSettings({ addresses }: NebulaPlan): readonly Setting[] {
  const set = inSection('lighthouse')
  const [own] = addresses
  return [
    set('serve_dns', true, "Answers DNS questions with hosts' overlay addresses and certificates."),
    set(
      'dns',
      { host: own === undefined ? '' : formatIp(own), port: 53 },
      'On the overlay address only, so that nothing outside can ask.',
    ),
  ]
}

// Nebula wants the same value for every interface rule (allow_list.go).
function deniedLinks({ bridges }: NebulaPlan): YamlMap {
  const own = bridges.map((name) => name.replaceAll(/[.+]/g, String.raw`\$&`))
  return Object.fromEntries([...CONTAINER_LINKS, ...own].map((pattern) => [pattern, false]))
}

/** Returns the UDP socket, hole punching, preferred LANs and relays. */
export function underlaySettings(plan: NebulaPlan): readonly Setting[] {
  const listen = inSection('listen')
  const punchy = inSection('punchy')
  return [
    listen('host', '0.0.0.0', 'All IPv4 addresses of the machine.'),
    listen('port', plan.listenPort, portReason(plan)),
    listen(
      'send_recv_error',
      'always',
      'Tells a peer when its tunnel is not known here, so that it makes a new one immediately after a ' +
        'crash or restart.',
    ),
    listen(
      'read_buffer',
      SOCKET_BYTES,
      'Bytes that wait in the UDP socket. The default of the kernel loses packets in bursts.',
    ),
    listen('write_buffer', SOCKET_BYTES, 'The same for sending.'),
    punchy(
      'punch',
      true,
      'Keeps NAT and firewalls on the way open. Windows forgets an idle UDP flow within minutes.',
    ),
    punchy(
      'respond',
      true,
      'Sends back to a host that cannot get through, which helps where one side has a strict NAT.',
    ),
    {
      path: ['preferred_ranges'],
      value: plan.lans.map((lan) => formatPrefix(networkOf(lan))),
      why: "The office's LANs. Nebula prefers an address in them to all others of the same host.",
    },
    ...relaySettings(plan),
  ]
}

function portReason({ isLighthouse, listenPort }: NebulaPlan): string {
  if (isLighthouse)
    return 'Fixed: all hosts have it in static_host_map. Open this UDP port in the firewalls on the way.'
  return listenPort === 0
    ? 'Any free port. Behind the NAT of WSL2 nothing from outside arrives first, ' +
        'and others learn the port from a lighthouse.'
    : 'Fixed, so that a firewall can let it in. In mirrored mode WSL2 and Windows share all ports: ' +
        'a Nebula on the Windows side needs a different one.'
}

function relaySettings(plan: NebulaPlan): readonly Setting[] {
  const set = inSection('relay')
  const relays = plan.isLighthouse || !plan.usesRelays ? [] : otherLighthouses(plan)
  return [
    set(
      'am_relay',
      plan.isLighthouse && plan.usesRelays,
      plan.isLighthouse
        ? 'Passes encrypted packets between hosts that cannot reach each other directly. ' +
            'A relay cannot read them.'
        : 'Only lighthouses relay.',
    ),
    set(
      'use_relays',
      !plan.isLighthouse && plan.usesRelays,
      plan.isLighthouse
        ? 'A relay cannot use other relays.'
        : 'Uses a relay where no direct way exists, and leaves it when one does.',
    ),
    set(
      'relays',
      relays.map(({ overlay }) => formatIp(overlay)),
      'Overlay addresses through which others may reach this host.',
    ),
  ]
}

function otherLighthouses({ lighthouses, addresses }: NebulaPlan): readonly Lighthouse[] {
  return lighthouses.filter(({ overlay }) => !addresses.some((own) => isSame(own, overlay)))
}

function isSame(one: Ip, other: Ip): boolean {
  return one.family === other.family && one.value === other.value
}

function endpointText({ host, port }: Endpoint): string {
  return `${parseIp(host)?.family === 6 ? `[${host}]` : host}:${String(port)}`
}
