// A state directory with little space left. The number of free blocks decides at which write an ADD or DEL
// runs out of space.

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp, type Scope } from '../../test/fixtures/clean-up.ts'
import { makeHost, type TestHost } from '../../test/fixtures/host/host.ts'
import type { Netns } from '../../test/fixtures/host/netns.ts'
import { run } from '../lab/run.ts'

/** A host whose state directory is a small separate filesystem. */
interface TightHost {
  readonly host: TestHost
  /** The container that is added when there is no space. */
  readonly comes: Netns
  /** The container that exists before, and is deleted when there is no space. */
  readonly goes: Netns
}

/** The resource that runs out. */
type Shortage = 'blocks' | 'inodes'

const SIZE = 'size=256k,nr_inodes=64'

export async function makeTightHost(scope: Scope): Promise<TightHost> {
  const host = await makeHost(scope)
  mkdirSync(host.stateDir)
  await run(['mount', '-t', 'tmpfs', '-o', SIZE, 'tmpfs', host.stateDir])
  cleanUp(scope, () => spawnSync('umount', [host.stateDir]))
  await host.add(await host.container())
  return { host, comes: await host.container(), goes: await host.container() }
}

/** The outcome of a round. */
interface TightLife {
  /** Whether the ADD found enough space. */
  readonly added: boolean
  readonly faults: readonly string[]
}

/** Runs ADD, its DEL and the DEL of another container with this many blocks or inodes left. */
export async function liveOn(
  { host, comes, goes }: TightHost,
  what: Shortage,
  left: number,
): Promise<TightLife> {
  const empty = await host.remains()
  await host.add(goes)
  const before = await host.remains()
  fill(host.stateDir, what, left)
  const adding = await host.call('ADD', comes)
  const added = adding.exitCode === 0
  const between = await host.remains()
  const deleted = [await host.del(comes), await host.del(goes)]
  const after = await host.remains()
  rmSync(fillers(host.stateDir), { recursive: true })
  const fullAgain = await host.del(goes)
  const faults = [
    ...(added || isFullDisk(adding.stdout) ? [] : [`ADD: ${adding.stdout} ${adding.stderr}`]),
    ...(!added && between.length !== before.length ? [`ADD left ${between.join(' ')}`] : []),
    ...[...deleted, fullAgain].flatMap(({ exitCode, stdout }) => (exitCode === 0 ? [] : [`DEL: ${stdout}`])),
    ...(after.length === empty.length ? [] : [`DEL left ${after.join(' ')}`]),
  ]
  return { added, faults: faults.map((fault) => `${String(left)} ${what} left: ${fault}`) }
}

function isFullDisk(stdout: string): boolean {
  const { code, details } = JSON.parse(stdout) as { code: number; details: string }
  return code === 5 && /no space.*free some space/i.test(details)
}

// remains() does not count these, because it looks at leases and attachments only.
function fillers(stateDir: string): string {
  return join(stateDir, 'fillers')
}

function fill(stateDir: string, what: Shortage, left: number): void {
  const folder = fillers(stateDir)
  mkdirSync(folder)
  if (what === 'inodes') {
    for (let free = statfsSync(stateDir).ffree; free > left; free--)
      writeFileSync(join(folder, String(free)), '')
    return
  }
  const file = join(folder, 'file')
  const { bsize, bavail } = statfsSync(stateDir)
  writeFileSync(file, Buffer.alloc(bsize * bavail, 1))
  truncateSync(file, statSync(file).size - bsize * left)
}
