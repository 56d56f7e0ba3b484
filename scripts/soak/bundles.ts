// Opens damaged and forged bundles as join does. Each must open or give an error of ours that names the file
// and quotes nothing of the key.

import { CniError } from '../../src/cni/error.ts'
import { type Damage, DAMAGES, hostBundle, open } from '../../test/fixtures/office/bundles.ts'
import { randomFrom } from './random.ts'

// One in twenty is a sealed bundle: deriving its key takes as long as everything about the others.
const SEALED_EVERY = 20

/** Opens that many damaged bundles. @returns the faults, each with what repeats it */
export function openDamaged(seed: number, count: number): readonly string[] {
  const secret = hostBundle().key.split('\n')[1]?.slice(0, 12) ?? ''
  const faults: string[] = []
  for (let round = 0; round < count; round += 1) {
    const kind = round % SEALED_EVERY === 0 ? 'sealed' : round % 2 === 0 ? 'plain' : 'contents'
    const problem = problemOf(DAMAGES[kind], randomFrom(seed + round), secret)
    if (problem !== undefined) faults.push(`${kind} bundle, seed ${String(seed + round)}: ${problem}`)
  }
  return faults
}

function problemOf(damage: Damage | undefined, random: () => number, secret: string): string | undefined {
  if (damage === undefined) throw new TypeError('unknown damage')
  const text = damage(random)
  try {
    open(text)
    return undefined
  } catch (error) {
    if (!(error instanceof CniError)) return String(error)
    if (!error.details.includes('x.flatnet'))
      return `does not name the file: ${error.message}: ${error.details}`
    return error.details.includes(secret) ? `quotes the key: ${error.details}` : undefined
  }
}
