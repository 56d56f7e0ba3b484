// What the container runtimes of this host call their containers, where they can be asked cheaply.

import { CniError } from '../cni/error.ts'
import { run } from './run.ts'

// A runtime that waits for its lock must not keep everybody waiting for a list.
const TIMEOUT_MS = 3000
const MOST_NAMESPACES = 8

/**
 * Names by container ID as CNI has it. A runtime that is not installed or does not answer tells none.
 * @param ids the IDs in question; nobody is asked where there are none
 */
export async function containerNames(
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = new Map<string, readonly string[]>()
  if (ids.length === 0) return names
  for (const { Id, Names } of await podmanContainers())
    if (typeof Id === 'string') names.set(Id, texts(Names))
  const rest = ids.filter((id) => !names.has(id))
  for (const namespace of namespacesOf(rest).slice(0, MOST_NAMESPACES))
    for (const { ID, Names } of await nerdctlContainers(namespace))
      if (typeof ID === 'string') names.set(`${namespace}-${ID}`, texts(Names))
  return names
}

// nerdctl's CNI container ID is the containerd namespace, a dash and the container's own (pkg/ocihook in nerdctl 2.0).
function namespacesOf(ids: readonly string[]): readonly string[] {
  const found = ids.flatMap((id) => /^([a-z0-9][a-z0-9.-]{0,75})-[0-9a-f]{64}$/.exec(id)?.[1] ?? [])
  return [...new Set(found)]
}

async function podmanContainers(): Promise<readonly Listed[]> {
  const text = await ask('podman', ['ps', '--all', '--no-trunc', '--format', 'json'])
  return objects(parsed(text ?? '[]'))
}

async function nerdctlContainers(namespace: string): Promise<readonly Listed[]> {
  const args = [`--namespace=${namespace}`, 'ps', '--all', '--no-trunc', '--format', '{{json .}}']
  const text = await ask('nerdctl', args)
  return objects((text ?? '').split('\n').map(parsed))
}

type Listed = Readonly<Record<string, unknown>>

async function ask(file: 'podman' | 'nerdctl', args: readonly string[]): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await run({ file, args, timeoutMs: TIMEOUT_MS })
    return exitCode === 0 ? stdout : undefined
  } catch (error) {
    if (error instanceof CniError) return undefined
    throw error
  }
}

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

// podman gives a list, nerdctl one text with commas.
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(',').filter((name) => name !== '')
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}
