// NEB-014: the lighthouses are configured correctly.

import { contains, networkOf, parsePrefix } from '../../../addr/prefix.ts'
import { parseIp } from '../../../addr/ip.ts'
import type { NebulaFacts } from '../../../nebula/configuration/nebula-config.ts'
import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

export const lighthouses = checkItem({
  id: 'NEB-014',
  title: 'lighthouses are configured',
  fault: 'lighthouses are not configured',
  why: 'Lighthouses tell a host where the others are: without one it finds no other host after a restart.',
  causes: [
    'lighthouse.hosts is empty.',
    'A host in lighthouse.hosts is missing in static_host_map; Nebula does not start then.',
  ],
  steps: [
    'name every lighthouse in lighthouse.hosts, and its LAN address in static_host_map: {"10.86.0.1": ' +
      '["192.168.1.10:4242"]}',
    NEBULA.restart,
  ],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig, nebula: { overlay } }) => {
    const { amLighthouse, hosts } = nebulaConfig.lighthouse
    if (amLighthouse === true) {
      if (hosts.length === 0) return { verdict: 'ok', seen: 'this host is a lighthouse' }
      // Nebula logs the same and carries on (lighthouse.go, parseLighthouses).
      const seen = `lighthouse.hosts names ${hosts.join(', ')}, but must be empty on a lighthouse`
      const next = ['set lighthouse.hosts: [] in the configuration of Nebula', NEBULA.reload]
      return { verdict: 'warn', fault: 'lighthouse names other lighthouses', seen, next }
    }
    const problems = problemsOfHost(nebulaConfig, overlay)
    if (problems.length > 0) return { verdict: 'fail', seen: problems.join('; ') }
    const more =
      hosts.length === 1 ? '; with a second one, restarted hosts can be found while it is down' : ''
    return { verdict: 'ok', seen: `${hosts.join(', ')}${more}` }
  },
})

function problemsOfHost(
  { lighthouse: { hosts }, staticHostMap }: NebulaFacts,
  overlay: readonly string[],
): readonly string[] {
  if (hosts.length === 0) return ['lighthouse.hosts is empty']
  const networks = overlay.flatMap((text) => parsePrefix(text) ?? []).map(networkOf)
  return hosts.flatMap((host) => {
    const ip = parseIp(host)
    if (ip === undefined) return [`${host} in lighthouse.hosts is not an overlay address`]
    if (networks.length > 0 && !networks.some((network) => contains(network, ip)))
      return [`${host} in lighthouse.hosts is outside ${overlay.join(' and ')}`]
    if (overlay.some((own) => own.startsWith(`${host}/`)))
      return [`${host} in lighthouse.hosts is this host itself`]
    return (staticHostMap.get(host) ?? []).length === 0 ? [`static_host_map has no address for ${host}`] : []
  })
}
