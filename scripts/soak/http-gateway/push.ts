// Pushes damaged documents into a real nginx with the HTTP Gateway's Lua, and starts it from damaged files.
// Faults: an answer that neither accepts nor refuses, a good state that is lost, an error in nginx's log, an
// nginx that does not start, and a worker that died.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PatientScope } from '../../../test/fixtures/clean-up.ts'
import { errorLines, workerOf } from './ask.ts'
import { damagedDocument } from './documents.ts'
import { Subject, type Target } from './subject.ts'

export interface Pushed {
  readonly accepted: number
  readonly faults: readonly string[]
}

export interface DocumentFuzzer {
  /** Pushes that many documents, whose seeds begin with this one. */
  readonly push: (seed: number, count: number) => Promise<Pushed>
  /** Starts nginx from a damaged file of the last state. @returns the faults */
  readonly startFrom: (seed: number) => Promise<readonly string[]>
}

const DECIDED: readonly number[] = [200, 400, 409, 413, 507]
const LIMIT = 8 * 1024 * 1024
const TARGETS: readonly Target[] = ['hosts/host-a', 'hosts/host-a', 'hosts/host-a', 'self', 'texts/office']
// What nginx itself says of a body above its limit.
const TOO_LARGE = /client intended to send too large body/
// Each fault of a file is in the log, with its reason.
const REFUSED_FILE = /flatnet: \S+\/snapshot\.json/

/** Starts nginx and two containers, whose documents are damaged: that of host-a, and not that of host-b. */
export async function makeDocumentFuzzer(scope: PatientScope): Promise<DocumentFuzzer> {
  const subject = await Subject.start(scope)
  return {
    push: async (seed, count) => {
      const worker = await workerOf(subject.gateway)
      const faults: string[] = []
      let accepted = 0
      for (let each = seed; each < seed + count; each += 1) {
        const found = await pushOne(subject, each)
        if (found.isAccepted) accepted += 1
        faults.push(...found.faults)
      }
      const now = await workerOf(subject.gateway)
      const more = [
        ...(now === worker ? [] : [`worker ${String(worker)} has ended, ${String(now)} answers`]),
        ...(await errorLines(subject.gateway)).filter((line) => !TOO_LARGE.test(line)),
      ]
      faults.push(...more.map((fault) => `documents from seed ${String(seed)}: ${fault}`))
      return { accepted, faults }
    },
    startFrom: (seed) => startFrom(subject, seed),
  }
}

async function pushOne(
  subject: Subject,
  seed: number,
): Promise<{ readonly isAccepted: boolean; readonly faults: readonly string[] }> {
  const target = TARGETS[seed % TARGETS.length] ?? 'self'
  const before = await subject.held()
  const text = damagedDocument(subject.good(target), seed)
  const body = Buffer.from(text, 'latin1')
  const faults: string[] = []
  const status = await subject.gateway.push('PUT', `/v1/${target}`, body).then(
    (answer) => answer.status,
    (error: unknown) => {
      // nginx may close the connection before it has read all of a body above its limit.
      if (body.length <= LIMIT) faults.push(String(error))
      return 413
    },
  )
  if (!DECIDED.includes(status)) faults.push(`status ${String(status)}`)
  const isAccepted = status === 200
  if (isAccepted) faults.push(...(await subject.lostOf(target, text)), ...(await subject.repair()))
  else faults.push(...(await subject.changedSince(before)))
  faults.push(...(await subject.silent()))
  return {
    isAccepted,
    faults: faults.map((fault) => `${target}, seed ${String(seed)}: ${fault}: ${quote(text)}`),
  }
}

async function startFrom(subject: Subject, seed: number): Promise<readonly string[]> {
  const { gateway } = subject
  const text = damagedDocument(subject.snapshot(), seed)
  await gateway.stop()
  await writeFile(join(gateway.folder, 'snapshot.json'), text, 'latin1')
  const failed = await gateway.start().then(
    () => [],
    (error: unknown) => [`nginx does not start: ${String(error)}`],
  )
  if (failed.length > 0) return failed.map((fault) => `file, seed ${String(seed)}: ${fault}: ${quote(text)}`)
  const said = (await errorLines(gateway)).filter((line) => !REFUSED_FILE.test(line))
  const faults = [...said, ...(await subject.repair()), ...(await subject.silent())]
  return faults.map((fault) => `file, seed ${String(seed)}: ${fault}: ${quote(text)}`)
}

function quote(text: string): string {
  return JSON.stringify(text.length > 1500 ? `${text.slice(0, 1500)}…` : text)
}
