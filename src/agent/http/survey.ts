// Asks every host which CAs it trusts and which certificate it uses.

import { formatIp } from '../../addr/ip.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import type { KnownPeer } from '../../host/identity/peers.ts'
import type { AuthoritiesView, HostAuthorities } from '../../views/authorities.ts'
import type { World } from '../world/world.ts'
import { askHostView } from './host-view.ts'

// Questions at a time: each keeps a connection open for three seconds at most.
const AT_ONCE = 8

/** Asks all hosts that this one knows. Never rejects. */
export async function surveyAuthorities(world: World): Promise<AuthoritiesView> {
  const others = world.peers.known.toSorted((a, b) => a.name.localeCompare(b.name))
  const hosts: HostAuthorities[] = [ownAuthorities(world)]
  for (let start = 0; start < others.length; start += AT_ONCE)
    hosts.push(...(await Promise.all(others.slice(start, start + AT_ONCE).map((peer) => ask(world, peer)))))
  return { version: 1, hosts }
}

function ownAuthorities({ identity }: World): HostAuthorities {
  const [first] = identity.overlay
  return {
    name: identity.name,
    overlay: first === undefined ? '' : formatIp(first),
    silent: null,
    trusts: [...identity.pool.authorities.keys()].toSorted(),
    certificate: identity.fingerprint,
    signedBy: identity.certificate.issuer,
  }
}

async function ask({ identity, agent }: World, peer: KnownPeer): Promise<HostAuthorities> {
  const { name } = peer
  const [overlay] = peer.overlay
  const localAddress = identity.overlay.find(({ family }) => family === overlay?.family)
  if (overlay === undefined || localAddress === undefined)
    return silent(name, '', 'this host has no overlay address of its family')
  const said = await askHostView({ overlay, localAddress, port: agent.port })
  if ('why' in said) return silent(name, formatIp(overlay), said.why)
  const { cas, certificate } = said
  const issuer = parseCertificates(peer.pem, peer.source).find(
    ({ fingerprint }) => fingerprint === certificate.fingerprint,
  )?.issuer
  return {
    name,
    overlay: formatIp(overlay),
    silent: null,
    trusts: cas,
    certificate: certificate.fingerprint,
    signedBy: issuer ?? null,
  }
}

function silent(name: string, overlay: string, why: string): HostAuthorities {
  return { name, overlay, silent: why, trusts: [], certificate: null, signedBy: null }
}
