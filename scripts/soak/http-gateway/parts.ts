// The parts of the soak that are about the HTTP Gateway.

import type { Found, Task } from '../task.ts'
import { makeRequestFuzzer } from './ask.ts'
import { passLarge } from './large.ts'
import { makeDocumentFuzzer } from './push.ts'
import { loadOverReloads } from './reloads.ts'
import { holdSockets } from './sockets.ts'

const INPUTS = 20_000
const FILES = 200
const INPUTS_A_TIME = 500

/** Sends odd connections. */
export async function fuzzRequests(task: Task): Promise<Found> {
  const { send } = await makeRequestFuzzer(task.scope)
  const faults: string[] = []
  const counts: Record<string, number> = { connections: 0 }
  let sent = 0
  for (; sent < INPUTS && !task.isOver(); sent += INPUTS_A_TIME) {
    const found = await send(task.seed + sent, INPUTS_A_TIME)
    for (const [group, count] of found.answers) counts[group] = (counts[group] ?? 0) + count
    task.progress(found.faults)
    faults.push(...found.faults)
  }
  return { counts: { ...counts, connections: sent }, faults }
}

/** Pushes damaged documents, then starts nginx from damaged files. */
export async function fuzzDocuments(task: Task): Promise<Found> {
  const { push, startFrom } = await makeDocumentFuzzer(task.scope)
  const faults: string[] = []
  let [pushed, accepted, files] = [0, 0, 0]
  for (; pushed < INPUTS && !task.isOver(); pushed += INPUTS_A_TIME) {
    const found = await push(task.seed + pushed, INPUTS_A_TIME)
    accepted += found.accepted
    task.progress(found.faults)
    faults.push(...found.faults)
  }
  for (; files < FILES && !task.isOver(); files += 1) {
    const found = await startFrom(task.seed + files)
    task.progress(found)
    faults.push(...found)
  }
  return { counts: { pushed, accepted, files }, faults }
}

/** Holds WebSockets over changes of the state. */
export async function holdMany(task: Task): Promise<Found> {
  const found = await holdSockets(task.scope, { sockets: 1000, changes: 200 }, task.isOver)
  task.progress(found.faults)
  return found
}

/** Sends and gets five gigabytes. */
export async function passMuch(task: Task): Promise<Found> {
  const found = await passLarge(task.scope, 5000)
  task.progress(found.faults)
  return found
}

/** Reloads nginx under load. */
export async function reloadOften(task: Task): Promise<Found> {
  const found = await loadOverReloads(task.scope, task.isOver)
  task.progress(found.faults)
  return found
}
