// Reads mutated messages of an enrolment as office and host do. Each must be read or give an error of ours
// that quotes nothing of the key.

import { CniError } from '../../src/cni/error.ts'
import { damaged } from '../../test/fixtures/office/bundles.ts'
import {
  bytesOf,
  FROM_HOST,
  FROM_OFFICE,
  KEY,
  readAsHost,
  readAsOffice,
} from '../../test/fixtures/office/messages.ts'
import { randomFrom } from './random.ts'

/** Reads that many conversations. @returns the faults, each with what repeats it */
export async function readMutated(seed: number, count: number): Promise<readonly string[]> {
  const secret = KEY.split('\n')[1]?.slice(0, 12) ?? ''
  const [host, office] = [bytesOf(FROM_HOST).toString('latin1'), bytesOf(FROM_OFFICE).toString('latin1')]
  const faults: string[] = []
  for (let round = 0; round < count; round += 1) {
    const random = randomFrom(seed + round)
    const isHost = round % 2 === 0
    const bytes = Buffer.from(damaged(isHost ? host : office, random), 'latin1')
    try {
      await (isHost ? readAsOffice(bytes) : readAsHost(bytes))
    } catch (error) {
      const problem =
        error instanceof CniError
          ? error.details.includes(secret) && `quotes the key: ${error.details}`
          : String(error)
      if (problem !== false) faults.push(`message, seed ${String(seed + round)}: ${problem}`)
    }
  }
  return faults
}
