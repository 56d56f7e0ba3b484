// The container runtimes of this host, and where each looks for networks and plugins.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PodmanFacts, Runtime } from '../../check/facts/conflists.ts'
import { tomlKey } from '../../check/reading/toml-key.ts'
import { podmanKey, usesCni } from './podman.ts'
import { isInstalled, read } from './files.ts'

// containers-common, libnetwork: config_linux.go, _cniPluginDirs, in search order.
const PODMAN_FOLDERS = [
  '/usr/local/libexec/cni',
  '/usr/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/lib/cni',
  '/opt/cni/bin',
]
// nerdctl, pkg/defaults/defaults_linux.go, CNIPath: the first that exists.
const NERDCTL_FOLDERS = [
  '/opt/cni/bin',
  '/usr/local/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/libexec/cni',
  '/usr/lib/cni',
]
const NETWORKS = '/etc/cni/net.d'

/** Returns the installed runtimes. */
export function findRuntimes(podman: PodmanFacts | undefined): readonly Runtime[] {
  const found: Runtime[] = []
  if (podman !== undefined)
    found.push({
      name: 'podman',
      pluginFolders: podmanKey('cni_plugin_dirs') ?? PODMAN_FOLDERS,
      usesCni: usesCni(podman),
    })
  if (isInstalled('containerd') && isContainerdInUse())
    found.push({ name: 'containerd', pluginFolders: containerdFolders(), usesCni: 'perhaps' })
  if (isInstalled('nerdctl'))
    found.push({ name: 'nerdctl', pluginFolders: nerdctlFolders(), usesCni: 'surely' })
  if (isInstalled('crio')) {
    const text = read('/etc/crio/crio.conf')
    found.push({
      name: 'cri-o',
      pluginFolders: tomlKey(text, 'crio.network', 'plugin_dirs') ?? ['/opt/cni/bin'],
      usesCni: 'surely',
    })
  }
  // Debian's Docker comes with a containerd whose CRI plugin is enabled but unused.
  const isCalled = isInstalled('kubelet') || existsSync('/var/lib/kubelet') || isInstalled('nerdctl')
  const isOnlyOne = found.filter((runtime) => runtime.usesCni !== 'no').length === 1
  return found.map((runtime) => ({
    ...runtime,
    pluginFolders: runtime.pluginFolders.map(withoutSlash),
    usesCni: runtime.usesCni === 'perhaps' && (isCalled || isOnlyOne) ? 'surely' : runtime.usesCni,
  }))
}

/**
 * Returns the folders with network configurations: the usual one, podman's, and nerdctl's, which has one
 * per containerd namespace.
 */
export function networkFolders(): readonly string[] {
  const podman = podmanKey('network_config_dir')?.filter((path) => path.startsWith('/')) ?? []
  const below = foldersIn(NETWORKS).map((name) => join(NETWORKS, name))
  return [...new Set([NETWORKS, ...below, ...podman.map(withoutSlash)])]
}

// containerd 1 uses version 2 of the file, containerd 2 uses version 3.
function containerdFolders(): readonly string[] {
  const text = read('/etc/containerd/config.toml')
  const sections = ['plugins.io.containerd.grpc.v1.cri.cni', 'plugins.io.containerd.cri.v1.runtime.cni']
  const set = sections.flatMap(
    (section) => tomlKey(text, section, 'bin_dirs') ?? tomlKey(text, section, 'bin_dir') ?? [],
  )
  return set.length > 0 ? set : ['/opt/cni/bin']
}

// Docker comes with a containerd that does not use CNI, and disables its CRI plugin.
function isContainerdInUse(): boolean {
  const isOff = /^\s*disabled_plugins\s*=.*["'](io\.containerd\.grpc\.v1\.)?cri["']/m
  return existsSync('/run/containerd/containerd.sock') && !isOff.test(read('/etc/containerd/config.toml'))
}

function nerdctlFolders(): readonly string[] {
  const set = /^\s*cni_path\s*=\s*["']([^"'\n]+)["']/m.exec(read('/etc/nerdctl/nerdctl.toml'))?.[1]
  const first = set ?? NERDCTL_FOLDERS.find((path) => existsSync(path))
  return [first ?? '/opt/cni/bin']
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
