// Damages state files: truncated, with flipped bits, empty, or with another file's content.

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Scope } from '../../test/fixtures/clean-up.ts'
import { addressOf, type AddResult } from '../../test/fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../test/fixtures/host/host.ts'
import type { Netns } from '../../test/fixtures/host/netns.ts'
import type { Outcome } from '../lab/run.ts'

/** One damage. `file` and `other` choose among the existing files, `at` among a file's bytes. */
interface Damage {
  readonly how: 'cut' | 'flip' | 'empty' | 'other' | 'zeros'
  readonly file: number
  readonly other: number
  readonly at: number
}

const damages = fc.record<Damage>({
  how: fc.constantFrom('cut', 'flip', 'flip', 'empty', 'other', 'zeros'),
  file: fc.nat(),
  other: fc.nat(),
  at: fc.nat(),
})

/**
 * A host with two containers that exist before its files are damaged, and a third that is added afterwards.
 */
interface DamagedHost {
  readonly host: TestHost
  readonly held: readonly [Netns, Netns]
  readonly comes: Netns
}

export async function makeDamagedHost(scope: Scope): Promise<DamagedHost> {
  const host = await makeHost(scope)
  const held = [await host.container(), await host.container()] as const
  return { host, held, comes: await host.container() }
}

/** Adds two containers, damages a file, adds a third, deletes all; returns the faults. */
export async function surviveDamage(damaged: DamagedHost, seed: number): Promise<readonly string[]> {
  const { host, held, comes } = damaged
  const [damage] = fc.sample(damages, { seed, numRuns: 1 })
  if (damage === undefined) throw new TypeError('fast-check generates every requested value')
  const taken = [addressOf(await host.add(held[0])), addressOf(await host.add(held[1]))]
  const what = apply(host, damage)
  const added = await host.call('ADD', comes)
  const deleted = [await host.del(comes), await host.del(held[0]), await host.del(held[1])]
  const left = await host.remains()
  const faults = [
    ...givenTwice(added, taken),
    ...[added, ...deleted].flatMap(internalError),
    ...deleted.flatMap(({ exitCode, stdout }) => (exitCode === 0 ? [] : [`DEL is refused: ${stdout}`])),
    ...(left.length === 0 ? [] : [`left: ${left.join(' ')}`]),
  ]
  return faults.map((fault) => `seed ${String(seed)}, ${what}: ${fault}`)
}

function givenTwice({ exitCode, stdout }: Outcome, taken: readonly string[]): readonly string[] {
  if (exitCode !== 0) return []
  const address = addressOf(JSON.parse(stdout) as AddResult)
  return taken.includes(address) ? [`${address} is given twice`] : []
}

function internalError({ stdout, stderr }: Outcome): readonly string[] {
  return /"code":999|\n\s+at /.test(stdout + stderr) ? [`${stdout} ${stderr}`] : []
}

function apply(host: TestHost, { how, file, other, at }: Damage): string {
  const files = filesBelow(host.stateDir).concat(filesBelow(join(host.folder, 'run')))
  const path = files[file % files.length] ?? ''
  const bytes = readFileSync(path)
  const offset = at % (bytes.length + 1)
  const from = files[other % files.length] ?? ''
  if (how === 'other') copyFileSync(from, path)
  else if (how === 'cut') writeFileSync(path, bytes.subarray(0, offset))
  else if (how === 'flip') writeFileSync(path, flipped(bytes, offset))
  // What some filesystems leave of a file if its blocks had not reached the disk when power failed.
  else writeFileSync(path, Buffer.alloc(how === 'zeros' ? bytes.length : 0))
  return `${path} ${how} ${how === 'other' ? from : String(offset)}`
}

function flipped(bytes: Buffer, offset: number): Buffer {
  const copy = Buffer.from(bytes)
  if (offset < copy.length) copy[offset] = (copy[offset] ?? 0) ^ (1 << (offset % 8))
  return copy
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
}
