// CNI-012: podman 5 finds our network driver, and has a network of it.

import { formatPrefix, type Prefix } from '../../../addr/prefix.ts'
import type { PodmanDriver, PodmanNetworkFile } from '../../facts/conflists.ts'
import { checkItem, type Finding } from '../../item.ts'

export const podmanDriver = checkItem({
  id: 'CNI-012',
  title: 'podman 5 has the network driver and a network',
  fault: "podman's network driver is missing",
  why:
    'From version 5 on, podman runs the driver from a folder of its own. ' +
    'Without it no container of the network starts, and none can be stopped cleanly.',
  causes: [
    'podman 5 was installed after flatnet-cni.',
    'containers.conf names other folders (netavark_plugin_dirs).',
    'The certificate was signed again with another subnet after the network was made.',
  ],
  steps: ['scripts/install.sh', 'podman network create --driver flatnet-cni flatnet'],
  needs: ['conflists', 'identity'],
  after: ['CNI-010'],
  judge: ({ conflists: { podman, runtimes }, identity }): Finding | readonly Finding[] => {
    const driver = podman?.driver
    if (driver === undefined) return { verdict: 'skip', seen: 'podman 5 is not installed' }
    const { path, folders, networks } = driver
    // podman 5 may use CNI where it was built with it, and may be there for other purposes beside another
    // runtime.
    const [other] = runtimes.filter(({ usesCni }) => usesCni === 'surely')
    if (networks.length === 0 && other !== undefined)
      return { verdict: 'skip', seen: `no network of podman uses it, and ${other.name} uses CNI` }
    const [folder = ''] = folders
    const next = [`mkdir -p ${folder}`, `ln -sfn /opt/cni/bin/flatnet-cni ${path ?? `${folder}/flatnet-cni`}`]
    if (path === undefined) return judgeMissing(driver, next)
    if (!driver.isExecutable)
      return {
        verdict: 'fail',
        fault: "podman's network driver cannot be run",
        seen: `${path} may not be executed, or leads nowhere`,
        next,
      }
    if (networks.length === 0) {
      const create = ['podman network create --driver flatnet-cni flatnet']
      const fault = 'podman has no network of flatnet'
      return { verdict: 'warn', fault, seen: `${path}, and no network of podman uses it`, next: create }
    }
    return networks.map((network) => judgeNetwork(network, identity.subnets))
  },
})

function judgeMissing({ folders, networks }: PodmanDriver, next: readonly string[]): Finding {
  const seen = `flatnet-cni is not in ${folders.join(', ')}`
  const [network] = networks
  if (network === undefined) return { verdict: 'warn', seen, next }
  return { verdict: 'fail', seen: `${seen}, and ${network.path} uses it`, next }
}

function judgeNetwork({ name, path, subnets }: PodmanNetworkFile, own: readonly Prefix[]): Finding {
  const wanted = own.map(formatPrefix)
  const shown = subnets.length === 0 ? 'no subnet' : subnets.join(' and ')
  if (subnets.every((subnet) => wanted.includes(subnet)))
    return { verdict: 'ok', subject: name, seen: `${path}, ${shown}` }
  return {
    verdict: 'warn',
    fault: "podman's network shows another subnet",
    subject: name,
    seen: `${path} shows ${shown}, and containers get addresses of ${wanted.join(' and ')}`,
    next: [
      `once no container is on it: podman network rm ${name}`,
      `podman network create --driver flatnet-cni ${name}`,
    ],
  }
}
