// Asks this host's container runtimes for names, labels and ports of their containers, where that is cheap.

import { CniError } from '../cni/error.ts'
import { isLate } from '../cni/late.ts'
import { PORT_PROTOCOLS } from '../net/ports/mapping.ts'
import type { ExposedPort } from '../views/containers.ts'
import { run } from './run.ts'

/** What a runtime says of one container. */
export interface ToldContainer {
  readonly names: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** The ports that its image declares. */
  readonly exposed: readonly ExposedPort[]
}

/** The answers of the runtimes. */
interface ToldContainers {
  /** By container ID in CNI. */
  readonly containers: ReadonlyMap<string, ToldContainer>
  /** The runtimes that did not answer in time. */
  readonly silent: readonly SilentRuntime[]
}

/** A runtime that did not answer. The names of its containers may be missing. */
export interface SilentRuntime {
  readonly runtime: Runtime
  readonly reason: string
}

const RUNTIMES = ['podman', 'nerdctl'] as const
type Runtime = (typeof RUNTIMES)[number]

// A runtime that waits for its lock must not delay the whole list. The limit excludes time when this
// process did not run (deadline.ts). Podman takes a second to list a thousand containers, and ten times as
// long on a machine ten times as slow.
const TIMEOUT_MS = 5000
const MOST_NAMESPACES = 8

/**
 * Asks the runtimes for their containers. A runtime that is not installed or fails contributes none.
 * @param ids the IDs in question; no runtime is asked if there are none
 */
export async function askRuntimes(ids: readonly string[]): Promise<ToldContainers> {
  const silent: SilentRuntime[] = []
  if (ids.length === 0) return { containers: new Map(), silent }
  const ask: Ask = async (runtime, args) => {
    try {
      const { exitCode, stdout } = await run({ file: runtime, args, timeoutMs: TIMEOUT_MS })
      return exitCode === 0 ? stdout : ''
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      if (isLate(error)) silent.push({ runtime, reason: error.details })
      return ''
    }
  }
  // Side by side, so that one that hangs does not delay the other.
  const told = await Promise.all([podmanContainers(ask), nerdctlContainers(ask, namespacesOf(ids), silent)])
  silent.sort((one, other) => RUNTIMES.indexOf(one.runtime) - RUNTIMES.indexOf(other.runtime))
  return { containers: new Map(told.flat()), silent }
}

type Told = readonly [id: string, container: ToldContainer]

async function podmanContainers(ask: Ask): Promise<readonly Told[]> {
  const list = objects(parsed(await ask('podman', ['ps', '--all', '--no-trunc', '--format', 'json'])))
  return list.flatMap(({ Id, Names, Labels, ExposedPorts }) =>
    typeof Id === 'string'
      ? [
          [
            Id,
            { names: texts(Names), labels: labelsOf(Labels), exposed: exposedPorts(ExposedPorts) },
          ] as const,
        ]
      : [],
  )
}

// One namespace after another. If it hangs for one, it would hang for the others too.
async function nerdctlContainers(
  ask: Ask,
  namespaces: readonly string[],
  silent: readonly SilentRuntime[],
): Promise<readonly Told[]> {
  const named: Told[] = []
  for (const namespace of namespaces.slice(0, MOST_NAMESPACES)) {
    if (silent.some(({ runtime }) => runtime === 'nerdctl')) break
    const args = [`--namespace=${namespace}`, 'ps', '--all', '--no-trunc', '--format', '{{json .}}']
    for (const { ID, Names, Labels } of objects((await ask('nerdctl', args)).split('\n').map(parsed)))
      if (typeof ID === 'string')
        named.push([`${namespace}-${ID}`, { names: texts(Names), labels: labelsOf(Labels), exposed: [] }])
  }
  return named
}

type Ask = (runtime: Runtime, args: readonly string[]) => Promise<string>

// In nerdctl, the CNI container ID consists of the containerd namespace, a dash and the container's own ID
// (pkg/ocihook in nerdctl 2.0).
function namespacesOf(ids: readonly string[]): readonly string[] {
  const found = ids.flatMap((id) => /^([a-z0-9][a-z0-9.-]{0,75})-[0-9a-f]{64}$/.exec(id)?.[1] ?? [])
  return [...new Set(found)]
}

type Listed = Readonly<Record<string, unknown>>

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function objects(value: unknown): readonly Listed[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  return list.filter((each): each is Listed => typeof each === 'object' && each !== null)
}

// Podman returns a list, nerdctl one text with commas.
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(',').filter((name) => name !== '')
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}

// Podman returns an object. Nerdctl returns "a=1,b=2", in which a comma may also be part of a value: such a
// part has no "=", or its name starts with another prefix than ours.
function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const pairs: readonly (readonly [string, unknown])[] =
    typeof value === 'string'
      ? value.split(',').map((part) => [part.replace(/=.*/s, ''), part.replace(/^[^=]*=?/s, '')])
      : typeof value === 'object' && value !== null
        ? Object.entries(value)
        : []
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}

// {"80": ["tcp"]}, from podman 5 on.
function exposedPorts(value: unknown): readonly ExposedPort[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([port, protocols]) =>
    texts(protocols).flatMap((text) => {
      const protocol = PORT_PROTOCOLS.find((each) => each === text)
      const number = Number(port)
      const isPort = Number.isInteger(number) && number > 0 && number < 65_536
      return protocol === undefined || !isPort ? [] : [{ protocol, port: number }]
    }),
  )
}
