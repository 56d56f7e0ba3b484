// The container runtimes of this host, and where each looks for networks and plugins.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ConflistFacts, Runtime } from '../check/facts/conflists.ts'
import { tomlKey } from '../check/toml-key.ts'
import { readOptional } from '../state/source-file.ts'

const PROGRAM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']

// containers-common, libnetwork: config_linux.go, _cniPluginDirs... in the order in which they are looked through.
const PODMAN_FOLDERS = [
  '/usr/local/libexec/cni',
  '/usr/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/lib/cni',
  '/opt/cni/bin',
]
// nerdctl, pkg/defaults/defaults_linux.go, CNIPath: the first that there is.
const NERDCTL_FOLDERS = [
  '/opt/cni/bin',
  '/usr/local/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/libexec/cni',
  '/usr/lib/cni',
]
const NETWORKS = '/etc/cni/net.d'

/** The installed ones. */
export function findRuntimes(): readonly Runtime[] {
  const found: Runtime[] = []
  if (isInstalled('podman'))
    found.push({ name: 'podman', pluginFolders: podmanKey('cni_plugin_dirs') ?? PODMAN_FOLDERS })
  if (isInstalled('containerd') && isContainerdInUse())
    found.push({ name: 'containerd', pluginFolders: containerdFolders() })
  if (isInstalled('nerdctl')) found.push({ name: 'nerdctl', pluginFolders: nerdctlFolders() })
  if (isInstalled('crio')) {
    const text = read('/etc/crio/crio.conf')
    found.push({
      name: 'cri-o',
      pluginFolders: tomlKey(text, 'crio.network', 'plugin_dirs') ?? ['/opt/cni/bin'],
    })
  }
  return found.map((runtime) => ({ ...runtime, pluginFolders: runtime.pluginFolders.map(withoutSlash) }))
}

/** Where networks lie: the usual folder, podman's own, and nerdctl's, which has one per namespace of containerd. */
export function networkFolders(): readonly string[] {
  const podman = podmanKey('network_config_dir')?.filter((path) => path.startsWith('/')) ?? []
  const below = foldersIn(NETWORKS).map((name) => join(NETWORKS, name))
  return [...new Set([NETWORKS, ...below, ...podman.map(withoutSlash)])]
}

/** Which backend podman is told to use; undefined where nothing says so, or there is no podman. */
export function podmanBackend(): ConflistFacts['podmanBackend'] {
  if (!isInstalled('podman')) return undefined
  for (const source of podmanFiles().toReversed()) {
    const [backend] = tomlKey(read(source), 'network', 'network_backend') ?? []
    if (backend === 'cni' || backend === 'netavark') return { backend, source }
  }
  // What podman 4 has found for itself at its first start (libpod, runtime.go).
  const source = '/var/lib/containers/storage/defaultNetworkBackend'
  const backend = read(source).trim()
  return backend === 'cni' || backend === 'netavark' ? { backend, source } : undefined
}

function podmanKey(key: string): readonly string[] | undefined {
  return podmanFiles()
    .toReversed()
    .map((path) => tomlKey(read(path), 'network', key))
    .find((value) => value !== undefined && value.length > 0 && value[0] !== '')
}

// containers.conf(5): later ones win.
function podmanFiles(): readonly string[] {
  const folder = '/etc/containers/containers.conf.d'
  const more = namesIn(folder)
    .filter((name) => name.endsWith('.conf'))
    .toSorted()
  return [
    '/usr/share/containers/containers.conf',
    '/etc/containers/containers.conf',
    ...more.map((name) => join(folder, name)),
  ]
}

// Version 2 of the file for containerd 1, version 3 for 2.
function containerdFolders(): readonly string[] {
  const text = read('/etc/containerd/config.toml')
  const sections = ['plugins.io.containerd.grpc.v1.cri.cni', 'plugins.io.containerd.cri.v1.runtime.cni']
  const set = sections.flatMap(
    (section) => tomlKey(text, section, 'bin_dirs') ?? tomlKey(text, section, 'bin_dir') ?? [],
  )
  return set.length > 0 ? set : ['/opt/cni/bin']
}

// Docker brings a containerd that has nothing to do with CNI, and switches its part for it off.
function isContainerdInUse(): boolean {
  const isOff = /^\s*disabled_plugins\s*=.*["'](io\.containerd\.grpc\.v1\.)?cri["']/m
  return existsSync('/run/containerd/containerd.sock') && !isOff.test(read('/etc/containerd/config.toml'))
}

function nerdctlFolders(): readonly string[] {
  const set = /^\s*cni_path\s*=\s*["']([^"'\n]+)["']/m.exec(read('/etc/nerdctl/nerdctl.toml'))?.[1]
  const first = set ?? NERDCTL_FOLDERS.find((path) => existsSync(path))
  return [first ?? '/opt/cni/bin']
}

function isInstalled(program: string): boolean {
  return PROGRAM_FOLDERS.some((folder) => existsSync(join(folder, program)))
}

function read(path: string): string {
  return readOptional(path, 'runtime configuration') ?? ''
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path
}
