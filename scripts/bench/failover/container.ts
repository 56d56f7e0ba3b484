// A container without a runtime: a network namespace in a lab host, and the plugin's own ADD. Packets take
// the same path as under podman, and twenty containers need no image.
import type { LabHost } from '../../lab/host/lab-host.ts'
import type { Place } from '../../lab/host/place.ts'
import type { Running } from '../../lab/run.ts'

export interface PlainContainer {
  readonly host: LabHost
  readonly name: string
  readonly address: string
  /** Returns the command with the prefix that enters the container's network, for the host's place. */
  readonly enter: (command: readonly string[]) => string[]
  readonly start: (command: readonly string[]) => Running
  readonly remove: () => Promise<void>
}

const CONF = JSON.stringify({ cniVersion: '1.0.0', name: 'flatnet', type: 'flatnet-cni' })

/**
 * Adds a container.
 * @throws Error with the plugin's own words when ADD fails
 */
export async function addContainer(host: LabHost, name: string): Promise<PlainContainer> {
  await host.exec(['ip', 'netns', 'add', name])
  const result = await call(host, name, 'ADD')
  const { ips } = JSON.parse(result) as { ips: { address: string }[] }
  const address = ips[0]?.address.replace(/\/.*/, '') ?? ''
  const enter = (command: readonly string[]): string[] => [
    'nsenter',
    `--net=/run/netns/${name}`,
    '--',
    ...command,
  ]
  return {
    host,
    name,
    address,
    enter,
    start: (command) => host.start(enter(command)),
    remove: async () => {
      await call(host, name, 'DEL')
      await host.exec(['ip', 'netns', 'delete', name], { check: false })
    },
  }
}

async function call(place: Place, name: string, verb: 'ADD' | 'DEL'): Promise<string> {
  const environment = {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: name,
    CNI_NETNS: `/run/netns/${name}`,
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/opt/cni/bin',
  }
  const words = Object.entries(environment).map(([key, value]) => `${key}=${value}`)
  const { stdout } = await place.exec(['env', ...words, '/opt/cni/bin/flatnet-cni'], { input: CONF })
  return stdout
}
