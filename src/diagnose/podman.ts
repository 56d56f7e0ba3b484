// podman: its version, its settings, its network backend.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PodmanFacts, Runtime } from '../check/facts/conflists.ts'
import { tomlKey } from '../check/toml-key.ts'
import { isAtLeast } from '../check/version.ts'
import { run } from '../exec/run.ts'
import { isInstalled, read } from './runtime-files.ts'

// Of the time that there is, for each of the two questions.
const ASK_PART = 0.25

/** What it says of itself; undefined where it is not installed. */
export async function podmanFacts(limitMs: number): Promise<PodmanFacts | undefined> {
  if (!isInstalled('podman')) return undefined
  const timeoutMs = Math.floor(limitMs * ASK_PART)
  const version = /(\d+\.\d+(?:\.\d+)?)/.exec((await ask(['--version'], timeoutMs)) ?? '')?.[1]
  const wanted = wantedBackend()
  // Whether a podman 5 was built with CNI after all, only podman knows. It is asked where it was told to use it.
  const isUnsure = wanted?.name === 'cni' && version !== undefined && isAtLeast(version, '5.0.0')
  const isRefused =
    isUnsure && (await ask(['info', '--format', '{{.Host.NetworkBackend}}'], timeoutMs))?.trim() !== 'cni'
  return { version, backend: wanted && { ...wanted, isRefused } }
}

/** Whether it takes networks from CNI. From 5 on it does so only where it was built for that and told to. */
export function usesCni({ version, backend }: PodmanFacts): Runtime['usesCni'] {
  if (backend?.name === 'cni') return backend.isRefused ? 'no' : 'surely'
  if (version !== undefined && isAtLeast(version, '5.0.0')) return 'no'
  return backend === undefined ? 'surely' : 'perhaps'
}

/** A key of [network] in its settings. */
export function podmanKey(key: string): readonly string[] | undefined {
  return podmanFiles()
    .toReversed()
    .map((path) => tomlKey(read(path), 'network', key))
    .find((value) => value !== undefined && value.length > 0 && value[0] !== '')
}

async function ask(args: readonly string[], timeoutMs: number): Promise<string | undefined> {
  const asked = await run({ file: 'podman', args, timeoutMs, pass: ['HOME'] }).catch(() => undefined)
  return asked?.exitCode === 0 ? asked.stdout : undefined
}

function wantedBackend(): { readonly name: 'cni' | 'netavark'; readonly source: string } | undefined {
  for (const source of podmanFiles().toReversed()) {
    const [name] = tomlKey(read(source), 'network', 'network_backend') ?? []
    if (name === 'cni' || name === 'netavark') return { name, source }
  }
  // What podman has found for itself at its first start (libpod, runtime.go).
  const source = '/var/lib/containers/storage/defaultNetworkBackend'
  const name = read(source).trim()
  return name === 'cni' || name === 'netavark' ? { name, source } : undefined
}

// containers.conf(5): later ones win.
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
