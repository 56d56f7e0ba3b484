// What podman 5 waits for while it holds its lock: netavark's setup and teardown of one container, with
// flatnet-cni as the network driver and with netavark's own bridge. netavark is Debian 13's, run with its own
// C library.

import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { podman5Root, whyNoPodman5 } from '../../../lab/podman5/packages.ts'
import type { Host } from '../host/host.ts'
import { deleteNamespaces, makeContainers, netnsPath } from '../host/links.ts'
import { ourNetwork } from '../host/networks.ts'
import { unzip } from '../process/pairs.ts'
import type { Bench, Row, Sample, Scenario } from '../row.ts'
import { withHosts } from './with-hosts.ts'

const SUITE = 'trixie'
const LOADERS: Readonly<Record<string, readonly [folder: string, loader: string]>> = {
  x64: ['usr/lib/x86_64-linux-gnu', 'ld-linux-x86-64.so.2'],
  arm64: ['usr/lib/aarch64-linux-gnu', 'ld-linux-aarch64.so.1'],
}
const WARM_UP = 2
const FIRST_PORT = 20_000

/** One side: its host, and its network as podman hands it to netavark. */
interface Side {
  readonly host: Host
  readonly network: Readonly<Record<string, unknown>>
  /** Addresses of the containers; ours are chosen by the driver. */
  readonly addressOf?: (index: number) => string
}

interface Job {
  readonly id: string
  readonly what: string
  readonly port: boolean
  readonly goals?: { readonly setup: number; readonly teardown: number }
}

const JOBS: readonly Job[] = [
  { id: 'podman5', what: 'of podman 5', port: false },
  {
    id: 'podman5-port',
    what: 'of podman 5, one published port',
    port: true,
    goals: { setup: 1, teardown: 0.8 },
  },
]

export const podman5Scenarios: readonly Scenario[] = JOBS.map((job) => ({
  ids: [`${job.id}-setup`, `${job.id}-teardown`],
  measure: (bench) => measure(bench, job),
}))

function measure(bench: Bench, job: Job): Promise<Row[]> {
  const why = whyNoPodman5(SUITE)
  if (why !== false) throw new Error(why)
  const kind = job.port ? 'port' : 'bare'
  return withHosts(bench, [`p5-${kind}-us`, `p5-${kind}-ref`], async (us, reference) => {
    const plugins = join(us.folder, 'netavark')
    mkdirSync(plugins)
    symlinkSync(bench.executable, join(plugins, 'flatnet-cni'))
    const sides: readonly [Side, Side] = [
      { host: us, network: ourPodmanNetwork(bench, us) },
      { host: reference, network: BRIDGE, addressOf: (index) => `10.88.0.${String(index + 2)}` },
    ]
    const setups: [Sample, Sample][] = []
    const teardowns: [Sample, Sample][] = []
    for (let round = 0; round < WARM_UP + bench.runs; round += 1) {
      const [our, their] = sides.map((side) => containerOn(side, round, job.port)) as [Container, Container]
      makeContainers([our.id, their.id])
      try {
        const up: [Sample, Sample] = [await call(our, 'setup', plugins), await call(their, 'setup', plugins)]
        const down: [Sample, Sample] = [
          await call(our, 'teardown', plugins),
          await call(their, 'teardown', plugins),
        ]
        if (round < WARM_UP) continue
        setups.push(up)
        teardowns.push(down)
      } finally {
        deleteNamespaces([our.id, their.id])
      }
    }
    const against = "netavark's own bridge"
    const row = (verb: 'setup' | 'teardown', pairs: readonly [Sample, Sample][]): Row => ({
      id: `${job.id}-${verb}`,
      what: `${verb} ${job.what}`,
      against,
      ...(job.goals === undefined ? {} : { goal: job.goals[verb] }),
      ...unzip(pairs),
    })
    return [row('setup', setups), row('teardown', teardowns)]
  })
}

interface Container {
  readonly host: Host
  readonly id: string
  /** What podman writes to netavark. */
  readonly input: string
}

function containerOn({ host, network, addressOf }: Side, index: number, hasPort: boolean): Container {
  const id = `${host.name}-c${String(index)}`
  const name = String(network['name'])
  const port = FIRST_PORT + index
  const mapping = { container_port: 80, host_ip: '', host_port: port, protocol: 'tcp', range: 1 }
  const input = {
    container_id: id,
    container_name: id,
    port_mappings: hasPort ? [mapping] : [],
    networks: {
      [name]: {
        interface_name: 'eth0',
        aliases: [],
        ...(addressOf === undefined ? {} : { static_ips: [addressOf(index)] }),
      },
    },
    network_info: { [name]: network },
  }
  return { host, id, input: JSON.stringify(input) }
}

function call({ host, id, input }: Container, verb: 'setup' | 'teardown', plugins: string): Promise<Sample> {
  const root = podman5Root(SUITE)
  const [folder, loader] = LOADERS[process.arch] ?? ['', '']
  const netavark = [
    join(root, folder, loader),
    '--library-path',
    join(root, folder),
    join(root, 'usr/lib/podman/netavark'),
  ]
  const options = ['--config', '/run/netavark', '--rootless=false', '--plugin-directory', plugins]
  return host.program([...netavark, ...options, verb, netnsPath(id)], { NETAVARK_FW: 'nftables' }, input)
}

const COMMON = {
  created: '2026-01-01T00:00:00Z',
  ipv6_enabled: false,
  internal: false,
  dns_enabled: false,
}

const BRIDGE = {
  ...COMMON,
  name: 'podman',
  id: '1'.repeat(64),
  driver: 'bridge',
  network_interface: 'podman0',
  subnets: [{ subnet: '10.88.0.0/24', gateway: '10.88.0.1' }],
  ipam_options: { driver: 'host-local' },
}

function ourPodmanNetwork(bench: Bench, host: Host): Readonly<Record<string, unknown>> {
  const { conf } = ourNetwork(bench, host).plugins[0] ?? { conf: {} }
  const { nebula, pool, peers, stateDir, runDir } = conf as Record<string, string> & {
    readonly nebula: { readonly ca: string; readonly cert: string }
  }
  return {
    ...COMMON,
    name: 'flatnet',
    id: '2'.repeat(64),
    driver: 'flatnet-cni',
    options: { 'nebula.ca': nebula.ca, 'nebula.cert': nebula.cert, pool, peers, stateDir, runDir },
    ipam_options: { driver: 'none' },
  }
}
