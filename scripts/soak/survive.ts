// What must hold after a call was killed: DEL succeeds and leaves nothing behind, or an ADD without DEL takes
// over. After that, the same container and a new one get different addresses.

import { addressOf, resultOf } from '../../test/fixtures/host/cni.ts'
import type { Scope } from '../../test/fixtures/clean-up.ts'
import { makeHost, type TestHost } from '../../test/fixtures/host/host.ts'
import type { Netns } from '../../test/fixtures/host/netns.ts'
import { describePoint, killAt, type KillPoint } from './kill.ts'
import { compare, takePicture } from './picture.ts'

/**
 * A host on which calls are killed: one container stays, two come and go, one more is the new namespace of
 * the first one.
 */
interface Victim {
  readonly host: TestHost
  readonly killed: Netns
  readonly again: Netns
  readonly other: Netns
  readonly staysAt: string
  readonly before: readonly string[]
}

/** The outcome of a kill. */
interface Survival {
  /** False if the call ended before it got that far. */
  readonly killed: boolean
  /** All faults, in words. */
  readonly faults: readonly string[]
}

/** Makes a victim. */
export async function makeVictim(scope: Scope): Promise<Victim> {
  const host = await makeHost(scope)
  const staysAt = addressOf(await host.add(await host.container()))
  const [killed, again, other] = [
    await host.container(),
    await host.container(),
    await host.container(),
  ] as const
  return { host, killed, again, other, staysAt, before: await takePicture(host, [killed, again, other]) }
}

/**
 * Kills a call and checks the consequences; the victim is as before afterwards.
 * @param takeOver no DEL in between: the next ADD of the killed container has another namespace
 */
export async function surviveKill(victim: Victim, point: KillPoint, takeOver: boolean): Promise<Survival> {
  const { host, killed } = victim
  let wasKilled = false
  const say = (faults: readonly string[]): Survival => ({
    killed: wasKilled,
    faults: faults.map((fault) => `${describePoint(point)}: ${fault}`),
  })
  try {
    if (point.verb === 'DEL') await host.add(killed)
    wasKilled = await killAt(host, point, killed)
    const faults = takeOver ? [] : await deleteAndLook(victim, 'DEL after it')
    const next = takeOver ? victim.again : killed
    return say([...faults, ...(await addAgain(victim, next))])
  } catch (error) {
    return say([error instanceof Error ? error.message : String(error)])
  }
}

async function deleteAndLook({ host, killed, again, other, before }: Victim, what: string) {
  const { exitCode, stdout } = await host.del(killed)
  const refused = exitCode === 0 && stdout === '' ? [] : [`${what}: exit code ${String(exitCode)} ${stdout}`]
  const changes = compare(before, await takePicture(host, [killed, again, other]))
  return [...refused, ...changes.map((change) => `${what}: ${change}`)]
}

async function addAgain(victim: Victim, next: Netns): Promise<readonly string[]> {
  const { host, killed, other, staysAt } = victim
  const outcomes = await Promise.all([
    host.call('ADD', next, { containerID: killed.name }),
    host.call('ADD', other),
  ])
  const addresses = outcomes.map((outcome) => addressOf(resultOf(outcome)))
  const twice =
    new Set([...addresses, staysAt]).size === 3 ? [] : [`given twice: ${addresses.join(' ')} ${staysAt}`]
  const gone = await host.del(other)
  const refused = gone.exitCode === 0 ? [] : [`DEL of the other: ${gone.stdout}`]
  return [...twice, ...refused, ...(await deleteAndLook(victim, 'DEL of the fresh one'))]
}
