// CNI-011: all networks of this host keep their leases where the settings file says.

import { formatPrefix } from '../../../addr/prefix.ts'
import type { ConflistSettings } from '../../facts/conflists.ts'
import { checkItem, type Finding } from '../../item.ts'

interface Place extends ConflistSettings {
  readonly path: string
}

export const agreement = checkItem({
  id: 'CNI-011',
  title: 'networks agree with the settings file',
  fault: 'network differs from the settings file',
  why:
    'Leases in two directories do not exclude each other, so two containers get the same address. ' +
    'The agent, gc and this check read only the settings file.',
  causes: ['A conflist overrides a value of the settings file, or its default.'],
  steps: ['set it in /etc/flatnet/flatnet.json and remove it from the conflists'],
  needs: ['conflists', 'settings', 'settingsFile'],
  after: ['CNI-002'],
  judge: ({ conflists: { files }, settings, settingsFile }) => {
    const networks = files.flatMap(({ path, settings: own }): Place[] =>
      own === undefined ? [] : [{ path, ...own }],
    )
    const [first] = networks
    if (first === undefined) return []
    const pools = settings.pools.map(formatPrefix).join(', ')
    const host = { path: settingsFile.path, stateDir: settings.stateDir, pools, bridge: settings.bridge }
    const different = [
      ...networks.flatMap((network) => differences(network, host)),
      ...otherBridge(networks, host),
    ]
    if (different.length > 0) return different
    return { verdict: 'ok', seen: `leases in ${host.stateDir}, pool ${pools}` }
  },
})

function differences(network: Place, host: Place): readonly Finding[] {
  return (['stateDir', 'pools'] as const)
    .filter((key) => network[key] !== host[key])
    .map((key) => ({
      verdict: 'fail',
      subject: network.path,
      seen:
        `${key === 'pools' ? 'pool' : key} is ${network[key]}, ` +
        `but ${host[key]} according to ${host.path}`,
      next: [`set it in ${host.path} and remove it from ${network.path}`],
    }))
}

// Each further network needs its own bridge, and one network must use the host's.
function otherBridge(networks: readonly Place[], { bridge, path }: Place): readonly Finding[] {
  const [first] = networks
  if (first === undefined || networks.some((network) => network.bridge === bridge)) return []
  const seen =
    `bridge is ${first.bridge}, but ${bridge} according to ${path}: sync, ` +
    `gc and this check manage ${bridge}`
  const next = [`set "bridge": ${JSON.stringify(first.bridge)} in ${path} and remove it from ${first.path}`]
  return [{ verdict: 'warn', subject: first.path, seen, next }]
}
