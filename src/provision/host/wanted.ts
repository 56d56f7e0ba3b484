// What a joined host has, as a list of paths in the order of writing: a file comes before those that name it.

import { hash } from 'node:crypto'
import { parseIp } from '../../addr/ip.ts'
import { networkOf } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { isGateway } from '../../nebula/hosts/host-subnet.ts'
import type { ShippedFiles } from '../../shipped-files.ts'
import type { CheckedBundle } from '../bundle/contents.ts'
import { renderNebulaConfig } from '../nebula/config.ts'
import { type Endpoint, type Lighthouse, NEBULA_DEFAULTS } from '../nebula/plan.ts'
import { LIGHTHOUSE_PORT } from '../office/words.ts'
import { setIni } from '../windows/ini.ts'
import { planKernel } from './kernel.ts'
import type { Content, Wanted } from './step.ts'
import { HANDED_FOLDER, type Surroundings } from './surroundings.ts'

/** The folder of CNI plugins, and of what starts them without systemd. */
const PROGRAMS = '/opt/cni/bin'
export const PROGRAM = `${PROGRAMS}/flatnet-cni`
/** Starts Nebula and the agent without systemd. */
export const START_SCRIPT = `${PROGRAMS}/flatnet-start.sh`
export const BOOT_COMMAND = `${START_SCRIPT} start`
export const WSL_CONF = '/etc/wsl.conf'
export const AGENT_UNIT = 'flatnet-agent.service'
export const OWN_NEBULA_UNIT = 'flatnet-nebula.service'
/** Of Debian's package, for /etc/nebula/config.yml. */
export const PACKAGED_NEBULA_UNIT = 'nebula@config.service'
const UNITS = '/etc/systemd/system'
/** A unit in /etc hides one of the same name in a package's folder: systemd.unit(5). */
export const PACKAGE_UNITS = ['/usr/lib/systemd/system', '/lib/systemd/system']
export const UNIT_FOLDERS = [UNITS, ...PACKAGE_UNITS]
const NETWORKS = '/etc/cni/net.d'
const CONFLIST = `${NETWORKS}/10-flatnet.conflist`
export const NEBULA_CONFIG = '/etc/nebula/config.yml'
export const PKI = { ca: '/etc/nebula/ca.crt', cert: '/etc/nebula/host.crt', key: '/etc/nebula/host.key' }
const [PUBLIC, SECRET, EXECUTABLE] = [0o644, 0o600, 0o755]

/** Returns what the host needs, in order. @throws CniError InvalidConfig when Nebula cannot be configured */
export function wantedPaths(
  checked: CheckedBundle,
  surroundings: Surroundings,
  shipped: ShippedFiles,
): readonly Wanted[] {
  const { bundle } = checked
  const hasContainers = checked.certificate.unsafeNetworks.length > 0
  return [
    folder('/etc/nebula', 0o700, "Nebula's files"),
    file(PKI.ca, PUBLIC, bundle.ca, 'the CA of the office'),
    file(PKI.key, SECRET, bundle.key, "this host's private key"),
    file(PKI.cert, PUBLIC, bundle.certificate, "this host's certificate"),
    file(NEBULA_CONFIG, PUBLIC, nebulaConfig(checked, surroundings), "Nebula's configuration"),
    folder('/etc/flatnet', 0o755, 'settings of flatnet'),
    file('/etc/flatnet/flatnet.json', PUBLIC, settingsText(checked), 'settings of flatnet'),
    folder('/etc/flatnet/peers.d', 0o755, 'certificates of other hosts'),
    ...Object.entries(bundle.peers).map(([name, pem]) =>
      file(`/etc/flatnet/peers.d/${name}.crt`, PUBLIC, pem, `certificate of ${name}`),
    ),
    ...nebulaPrograms(surroundings),
    ...programs(surroundings),
    ...(hasContainers ? network(surroundings, shipped) : []),
    ...kernelFiles(surroundings, hasContainers),
    ...starters(surroundings, shipped),
  ]
}

function nebulaConfig({ bundle, certificate, pools }: CheckedBundle, surroundings: Surroundings): string {
  const isLighthouse = bundle.role === 'lighthouse'
  return renderNebulaConfig({
    ...NEBULA_DEFAULTS,
    isLighthouse,
    version: surroundings.nebula.version,
    name: bundle.name,
    pki: PKI,
    addresses: certificate.networks,
    pools,
    subnets: certificate.unsafeNetworks.map(networkOf),
    lighthouses: bundle.lighthouses.flatMap(asLighthouse),
    // What was revoked since the bundle was made.
    blocklist: surroundings.blocked,
    listenPort: listenPort(bundle, surroundings),
  })
}

function asLighthouse({
  overlay,
  endpoints,
}: CheckedBundle['bundle']['lighthouses'][number]): readonly Lighthouse[] {
  const ip = parseIp(overlay[0] ?? '')
  return ip === undefined ? [] : [{ overlay: ip, endpoints: endpoints.map(asEndpoint) }]
}

function asEndpoint(text: string): Endpoint {
  const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? []
  return { host, port: Number(port) }
}

function ownPort({ name, lighthouses }: CheckedBundle['bundle']): number {
  const [first] = lighthouses.find((each) => each.name === name)?.endpoints ?? []
  return first === undefined ? LIGHTHOUSE_PORT : asEndpoint(first).port
}

/**
 * Returns Nebula's UDP port; 0 where it takes any. WSL2's NAT lets no packet in that was not asked for, so a
 * fixed port helps nothing there. In mirrored mode Windows and WSL2 share their ports, and a Nebula on
 * Windows has 4242.
 */
export function listenPort(bundle: CheckedBundle['bundle'], { wsl }: Pick<Surroundings, 'wsl'>): number {
  if (bundle.role === 'lighthouse') return ownPort(bundle)
  if (wsl === 'none') return LIGHTHOUSE_PORT
  return wsl === 'mirrored' ? LIGHTHOUSE_PORT + 1 : 0
}

function settingsText({ bundle, certificate, pools }: CheckedBundle): string {
  const others = bundle.lighthouses.filter(({ name }) => name !== bundle.name)
  const lighthouses = others.flatMap(({ overlay }) => overlay.slice(0, 1))
  const pool = bundle.pools.length === 1 ? bundle.pools[0] : bundle.pools
  // What others send through a gateway host is encrypted, and must not leave it over the LAN instead.
  const gateway = isGateway(certificate, pools) ? { gateway: { via: 'none' } } : {}
  return `${JSON.stringify({ pool, ...gateway, agent: { lighthouses } }, null, 2)}\n`
}

// Before what starts them.
function nebulaPrograms({ handed }: Surroundings): readonly Wanted[] {
  const files = handed.map(({ name, copyOf, sha256 }): Wanted => {
    const path = `${HANDED_FOLDER}/${name}`
    return { kind: 'file', path, mode: EXECUTABLE, what: 'from the office', content: { copyOf, sha256 } }
  })
  return files.length === 0 ? [] : [folder(HANDED_FOLDER, 0o755, 'programs'), ...files]
}

function programs({ program, pluginFolders }: Surroundings): readonly Wanted[] {
  const copied: Wanted[] =
    program === undefined
      ? []
      : [{ kind: 'file', path: PROGRAM, mode: EXECUTABLE, what: 'this program', content: program }]
  return [
    folder('/opt/cni', 0o755, 'plugins of container runtimes'),
    folder(PROGRAMS, 0o755, 'plugins of container runtimes'),
    ...copied,
    link(`${PROGRAMS}/flatnet-ipam`, 'flatnet-cni', 'the IPAM plugin, the same program'),
    ...pluginFolders.flatMap((path) => [
      link(`${path}/flatnet-cni`, PROGRAM, 'where this runtime looks for plugins'),
      link(`${path}/flatnet-ipam`, `${PROGRAMS}/flatnet-ipam`, 'where this runtime looks for plugins'),
    ]),
  ]
}

function network({ conflist }: Surroundings, shipped: ShippedFiles): readonly Wanted[] {
  // One that names the plugin already is someone's choice.
  if (conflist !== undefined && conflist !== CONFLIST) return []
  return [
    folder('/etc/cni', 0o755, 'networks of container runtimes'),
    folder(NETWORKS, 0o755, 'networks of container runtimes'),
    file(CONFLIST, PUBLIC, shipped.conflist, 'the network "flatnet" for podman 4 and nerdctl'),
  ]
}

// Read by systemd-modules-load(8), and by flatnet-start.sh where systemd is not.
const MODULES_FOLDER = '/etc/modules-load.d'
const SYSCTL_FOLDER = '/etc/sysctl.d'
// Everything else follows the links as they come, so only the agent and each ADD can set it.
const SYSCTLS = `# Written by flatnet-cni join. It outlives 'sysctl --system' here; the agent sets it, too.
net.ipv4.ip_forward = 1
`

function kernelFiles({ kernel }: Surroundings, hasContainers: boolean): readonly Wanted[] {
  const { atStart } = planKernel(kernel, hasContainers)
  const modules = `# Written by flatnet-cni join.\n${atStart.map((name) => `${name}\n`).join('')}`
  return [
    ...(atStart.length === 0
      ? []
      : [
          folder(MODULES_FOLDER, 0o755, 'modules of the kernel'),
          file(
            `${MODULES_FOLDER}/flatnet.conf`,
            PUBLIC,
            modules,
            'modules of the kernel, loaded at each start',
          ),
        ]),
    ...(hasContainers
      ? [
          folder(SYSCTL_FOLDER, 0o755, 'settings of the kernel'),
          file(`${SYSCTL_FOLDER}/90-flatnet.conf`, PUBLIC, SYSCTLS, 'has the kernel forward packets'),
        ]
      : []),
  ]
}

function starters(
  { hasSystemd, hasNebulaUnit, hasAgentUnit, nebula, bootCommand }: Surroundings,
  shipped: ShippedFiles,
): readonly Wanted[] {
  if (!hasSystemd)
    return [
      ...(bootCommand.kind === 'ours' ? [bootFile(bootCommand.wslConf)] : []),
      file(`${PROGRAMS}/agent-wsl.sh`, EXECUTABLE, shipped.agentScript, 'keeps the agent running'),
      file(
        START_SCRIPT,
        EXECUTABLE,
        withNebula(shipped.startScript, nebula.executable),
        'starts Nebula and the agent',
      ),
    ]
  const unit = (name: string, text: string, what: string): Wanted =>
    file(`${UNITS}/${name}`, PUBLIC, text, what)
  return [
    ...(hasNebulaUnit
      ? []
      : [unit(OWN_NEBULA_UNIT, withNebula(shipped.nebulaUnit, nebula.executable), 'unit of Nebula')]),
    ...(hasAgentUnit ? [] : [unit(AGENT_UNIT, shipped.agentUnit, 'unit of the agent')]),
  ]
}

function bootFile(before: string): Wanted {
  const text = setIni(before, 'boot.command', BOOT_COMMAND)
  return file(WSL_CONF, PUBLIC, text, 'has WSL start Nebula and the agent')
}

// The path goes into a unit and a shell script, and neither may read it as anything else.
function withNebula(text: string, executable: string): string {
  if (!/^\/[A-Za-z0-9._/+-]+$/.test(executable))
    throw new CniError(
      CniCode.InvalidConfig,
      'path not usable',
      `${executable}: has characters that a unit of systemd reads otherwise: install Nebula in ` +
        '/usr/local/bin',
    )
  return text.replaceAll('@NEBULA@', executable)
}

function folder(path: string, mode: number, what: string): Wanted {
  return { kind: 'folder', path, mode, what }
}

function link(path: string, target: string, what: string): Wanted {
  return { kind: 'link', path, target, what }
}

function file(path: string, mode: number, text: string, what: string): Wanted {
  return { kind: 'file', path, mode, what, content: textContent(text) }
}

/** Returns a text with its hash. */
export function textContent(text: string): Content {
  return { text, sha256: hash('sha256', text) }
}
