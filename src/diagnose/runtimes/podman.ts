// Gathers podman's version, settings and network backend.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PodmanFacts, PodmanFirewall, Runtime } from '../../check/facts/conflists.ts'
import { tomlKey } from '../../check/reading/toml-key.ts'
import { isAtLeast } from '../../program-version.ts'
import { isLate } from '../../cni/late.ts'
import { run } from '../../exec/run.ts'
import type { GatherContext } from '../context.ts'
import { isInstalled, read } from './files.ts'
import { describeFirewall, DRIVER_FOLDERS, findDriver } from './podman-driver.ts'

type Asker = (args: readonly string[]) => Promise<string | undefined>

// The share of the time limit for each of the two queries: a podman that hangs must not cost
// the facts known without it.
const ASK_PART = 0.25

/** Returns what podman reports about itself; undefined where it is not installed. */
export async function podmanFacts({
  limitMs,
  missed,
}: Pick<GatherContext, 'limitMs' | 'missed'>): Promise<PodmanFacts | undefined> {
  if (!isInstalled('podman')) return undefined
  const ask = asker(Math.floor(limitMs * ASK_PART), missed)
  const version = /(\d+\.\d+(?:\.\d+)?)/.exec((await ask(['--version'])) ?? '')?.[1]
  const wanted = wantedBackend()
  // Only podman knows whether a podman 5 was built with CNI, so it is asked where it
  // is configured to use CNI.
  const isUnsure = wanted?.name === 'cni' && version !== undefined && isAtLeast(version, '5.0.0')
  const isRefused =
    isUnsure && (await ask(['info', '--format', '{{.Host.NetworkBackend}}']))?.trim() !== 'cni'
  const isNew = version !== undefined && isAtLeast(version, '5.0.0')
  const driver = isNew
    ? { ...findDriver(driverFolders(), podmanKey('network_config_dir')?.[0]), firewall: wantedFirewall() }
    : undefined
  return { version, backend: wanted && { ...wanted, isRefused }, driver }
}

/**
 * Tells whether podman takes its networks from CNI. From 5 on, it must be both built for CNI
 * and configured to use it.
 */
export function usesCni({ version, backend }: PodmanFacts): Runtime['usesCni'] {
  if (backend?.name === 'cni') return backend.isRefused ? 'no' : 'surely'
  if (version !== undefined && isAtLeast(version, '5.0.0')) return 'no'
  return backend === undefined ? 'surely' : 'perhaps'
}

/** Returns a key of [network] in podman's settings. */
export function podmanKey(key: string): readonly string[] | undefined {
  return podmanFiles()
    .toReversed()
    .map((path) => tomlKey(read(path), 'network', key))
    .find((value) => value !== undefined && value.length > 0 && value[0] !== '')
}

// containers.conf(5), netavark_plugin_dirs. With {append=true} in it, a list goes behind what podman was
// built with.
function driverFolders(): readonly string[] {
  const named = podmanKey('netavark_plugin_dirs')
  if (named === undefined) return DRIVER_FOLDERS
  const appends = podmanFiles().some((path) =>
    /^\s*netavark_plugin_dirs\s*=\s*\[[^\]]*append\s*=\s*true/m.test(read(path)),
  )
  return appends ? [...DRIVER_FOLDERS, ...named] : named
}

function wantedFirewall(): PodmanFirewall | undefined {
  for (const source of podmanFiles().toReversed()) {
    const [name = ''] = tomlKey(read(source), 'network', 'firewall_driver') ?? []
    if (name !== '') return describeFirewall(name, source)
  }
  return undefined
}

function asker(timeoutMs: number, missed: (what: string) => void): Asker {
  return async (args) => {
    const asked = await run({ file: 'podman', args, timeoutMs, pass: ['HOME'] }).catch((error: unknown) => {
      if (isLate(error)) missed(error.details)
      return undefined
    })
    return asked?.exitCode === 0 ? asked.stdout : undefined
  }
}

function wantedBackend(): { readonly name: 'cni' | 'netavark'; readonly source: string } | undefined {
  for (const source of podmanFiles().toReversed()) {
    const [name] = tomlKey(read(source), 'network', 'network_backend') ?? []
    if (name === 'cni' || name === 'netavark') return { name, source }
  }
  // The backend that podman chose at its first start (libpod, runtime.go).
  const source = '/var/lib/containers/storage/defaultNetworkBackend'
  const name = read(source).trim()
  return name === 'cni' || name === 'netavark' ? { name, source } : undefined
}

// containers.conf(5): later files take precedence.
function podmanFiles(): readonly string[] {
  const folder = '/etc/containers/containers.conf.d'
  const more = existsSync(folder) ? readdirSync(folder) : []
  return [
    '/usr/share/containers/containers.conf',
    '/etc/containers/containers.conf',
    ...more
      .filter((name) => name.endsWith('.conf'))
      .toSorted()
      .map((name) => join(folder, name)),
  ]
}
