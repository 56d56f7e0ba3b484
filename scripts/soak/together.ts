// Many ADDs and DELs at the same time on one pool of addresses.

import type { Scope } from '../../test/fixtures/clean-up.ts'
import { addressOf, type AddResult } from '../../test/fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../test/fixtures/host/host.ts'
import type { Netns } from '../../test/fixtures/host/netns.ts'
import type { Outcome } from '../lab/run.ts'
import { compare, takePicture } from './picture.ts'
import { shareOut } from './workers.ts'

/** A host with many containers that come and go together. */
interface Crowd {
  readonly host: TestHost
  readonly containers: readonly Netns[]
}

/** Makes a crowd on a /24, so that 200 containers leave 45 addresses free. */
export async function makeCrowd(scope: Scope, count: number): Promise<Crowd> {
  const host = await makeHost(scope)
  await host.add(await host.container())
  const numbers = Array.from({ length: count }, (_, index) => index)
  const containers = await shareOut(numbers, 4, async () => () => host.container())
  return { host, containers }
}

/**
 * Runs all ADDs together, then all DELs; returns the faults.
 * @param mixed in between half of them go and come back at the same time, so that DELs and ADDs meet
 */
export async function comeAndGo({ host, containers }: Crowd, mixed: boolean): Promise<readonly string[]> {
  const before = await takePicture(host, [])
  const adding = await Promise.all(containers.map((container) => host.call('ADD', container)))
  const faults = [...refusals('ADD', adding), ...givenTwice(adding)]
  if (mixed) faults.push(...(await halfAgain({ host, containers }, adding)))
  const deleting = await Promise.all(containers.map((container) => host.del(container)))
  faults.push(...refusals('last DEL', deleting))
  const left = compare(before, await takePicture(host, []))
  return [...faults, ...left]
}

async function halfAgain(
  { host, containers }: Crowd,
  before: readonly Outcome[],
): Promise<readonly string[]> {
  const half = containers.filter((_, index) => index % 2 === 0)
  const pairs = await Promise.all(
    half.map(async (container) => [await host.del(container), await host.call('ADD', container)] as const),
  )
  const gone = pairs.map(([outcome]) => outcome)
  const back = pairs.map(([, outcome]) => outcome)
  const kept = before.filter((_, index) => index % 2 === 1)
  return [...refusals('DEL', gone), ...refusals('second ADD', back), ...givenTwice([...kept, ...back])]
}

function refusals(what: string, outcomes: readonly Outcome[]): readonly string[] {
  return outcomes
    .filter(({ exitCode }) => exitCode !== 0)
    .map(({ exitCode, stdout, stderr }) => `${what}: ${String(exitCode)} ${stdout} ${stderr}`)
}

function givenTwice(outcomes: readonly Outcome[]): readonly string[] {
  const addresses = outcomes
    .filter(({ exitCode }) => exitCode === 0)
    .map(({ stdout }) => addressOf(JSON.parse(stdout) as AddResult))
  return addresses
    .filter((address, index) => addresses.indexOf(address) !== index)
    .map((address) => `${address} given twice`)
}
