// The parts of the soak: what each does on how many hosts, until it is done or out of time.

import { followDamaged } from '../../test/fixtures/office/ca-statements.ts'
import { verifyDamaged } from '../../test/fixtures/office/statements.ts'
import { whyNoPodman5 } from '../lab/podman5/packages.ts'
import { openDamaged } from './bundles.ts'
import { makeDamagedHost, surviveDamage } from './damage.ts'
import { liveOn, makeTightHost } from './disk.ts'
import { makeFuzzer } from './fuzz.ts'
import { fuzzDocuments, fuzzRequests, holdMany, passMuch, reloadOften } from './http-gateway/parts.ts'
import { type KillPoint, type Kind, listPoints } from './kill.ts'
import { readMutated } from './messages.ts'
import { makeVictim, surviveKill } from './survive.ts'
import { endPodman5Victim, makePodman5Victim, podman5Kill, survivePodman5Kill } from './podman5.ts'
import type { Found, Task } from './task.ts'
import { comeAndGo, makeCrowd } from './together.ts'
import { shareOut } from './workers.ts'

/** A part's line in the summary. */
export interface Summary extends Found {
  readonly name: string
  readonly seconds: number
}

// Three hosts keep two processors busy, because a call waits a third of its time for the kernel and the
// disk.
const HOSTS = 3

/** One part; `minutes` is its duration on two processors, and its weight where there is less time. */
interface Part {
  readonly minutes: number
  readonly run: (task: Task) => Promise<Found>
}

/** All parts by name, in the order of their runs. */
export const PARTS: Readonly<Record<string, Part>> = {
  kill: { minutes: 5, run: (task) => killEverywhere(task, ['effects', 'children']) },
  together: { minutes: 3, run: goTogether },
  disk: { minutes: 1, run: runShort },
  damage: { minutes: 4, run: damageFiles },
  bundles: { minutes: 1, run: (task) => inTurns(task, openDamaged) },
  statements: { minutes: 1, run: (task) => inTurns(task, readStatements) },
  messages: { minutes: 1, run: (task) => inTurns(task, readMutated) },
  calls: { minutes: 20, run: callAtRandom },
  'http-requests': { minutes: 3, run: fuzzRequests },
  'http-documents': { minutes: 5, run: fuzzDocuments },
  'http-sockets': { minutes: 1, run: holdMany },
  'http-large': { minutes: 2, run: passMuch },
  'http-reloads': { minutes: 10, run: reloadOften },
  podman5: { minutes: 15, run: killPodman5 },
  'kill-all': { minutes: 27, run: (task) => killEverywhere(task, ['all']) },
}

async function killEverywhere(task: Task, kinds: readonly Kind[]): Promise<Found> {
  const { host, killed } = await makeVictim(task.scope)
  const points: KillPoint[] = []
  for (const kind of kinds) {
    for (const verb of ['ADD', 'DEL'] as const) points.push(...(await listPoints(host, verb, kind, killed)))
  }
  // Once with a DEL in between and once without. Shuffled, so that running out of time skips points evenly.
  const all = points.flatMap((point) => [
    { point, takeOver: false },
    { point, takeOver: true },
  ])
  const turns = all.map((_, index) => all[(index * 7919) % all.length]).filter((turn) => turn !== undefined)
  let [tried, hit] = [0, 0]
  const faults = await shareOut(turns, HOSTS, async () => {
    const victim = await makeVictim(task.scope)
    return async ({ point, takeOver }) => {
      if (task.isOver()) return []
      const survival = await surviveKill(victim, point, takeOver)
      tried += 1
      if (survival.killed) hit += 1
      task.progress(survival.faults)
      return survival.faults
    }
  })
  return { counts: { points: points.length, turns: turns.length, tried, killed: hit }, faults: faults.flat() }
}

const CALLS = 20_000
const CALLS_A_TIME = 50

async function callAtRandom(task: Task): Promise<Found> {
  let [calls, succeeded] = [0, 0]
  const seeds = Array.from({ length: CALLS / CALLS_A_TIME }, (_, index) => task.seed + index)
  const faults = await shareOut(seeds, HOSTS, async () => {
    const { fuzz } = await makeFuzzer(task.scope)
    return async (seed) => {
      if (task.isOver()) return []
      const fuzzed = await fuzz(seed, CALLS_A_TIME)
      calls += fuzzed.calls
      succeeded += fuzzed.succeeded
      task.progress(fuzzed.faults)
      return fuzzed.faults
    }
  })
  return { counts: { calls, succeeded }, faults: faults.flat() }
}

const INPUTS = 20_000
const INPUTS_A_TIME = 500

function readStatements(seed: number, count: number): readonly string[] {
  return [...verifyDamaged(seed, count), ...followDamaged(seed, count)]
}

type Try = (seed: number, count: number) => readonly string[] | Promise<readonly string[]>

async function inTurns(task: Task, attempt: Try): Promise<Found> {
  const faults: string[] = []
  let tried = 0
  for (; tried < INPUTS && !task.isOver(); tried += INPUTS_A_TIME) {
    const found = await attempt(task.seed + tried, INPUTS_A_TIME)
    task.progress(found)
    faults.push(...found)
  }
  return { counts: { tried }, faults }
}

async function goTogether(task: Task): Promise<Found> {
  const crowd = await makeCrowd(task.scope, 200)
  const faults: string[] = []
  let rounds = 0
  for (; rounds < 5 && !task.isOver(); rounds++) {
    const found = await comeAndGo(crowd, true)
    task.progress(found)
    faults.push(...found)
  }
  return { counts: { containers: 200, rounds }, faults }
}

async function runShort(task: Task): Promise<Found> {
  const tight = await makeTightHost(task.scope)
  const faults: string[] = []
  let [tried, added] = [0, 0]
  for (const what of ['blocks', 'inodes'] as const) {
    for (let left = 0; left < 24 && !task.isOver(); left++) {
      const life = await liveOn(tight, what, left)
      tried += 1
      if (life.added) added += 1
      task.progress(life.faults)
      faults.push(...life.faults)
    }
  }
  return { counts: { tried, added }, faults }
}

async function killPodman5(task: Task): Promise<Found> {
  const why = whyNoPodman5('trixie')
  if (why !== false) return { counts: { tried: 0 }, faults: [why] }
  const victim = await makePodman5Victim(task.scope)
  const faults: string[] = []
  let [tried, killed] = [0, 0]
  for (; tried < 100 && !task.isOver(); tried++) {
    const survival = await survivePodman5Kill(victim, podman5Kill(task.seed, tried))
    if (survival.killed) killed += 1
    task.progress(survival.faults)
    faults.push(...survival.faults)
  }
  return { counts: { tried, killed }, faults: [...faults, ...(await endPodman5Victim(victim))] }
}

async function damageFiles(task: Task): Promise<Found> {
  let damaged = 0
  const seeds = Array.from({ length: 600 }, (_, index) => task.seed + index)
  const faults = await shareOut(seeds, HOSTS, async () => {
    const host = await makeDamagedHost(task.scope)
    return async (seed) => {
      if (task.isOver()) return []
      const found = await surviveDamage(host, seed)
      damaged += 1
      task.progress(found)
      return found
    }
  })
  return { counts: { damaged }, faults: faults.flat() }
}
