// Which hosts were seen to have a step from one CA to the next: ca-hosts.json in the office folder. One that
// is off later on still counts.

import { join } from 'node:path'
import { isObject } from '../../json.ts'
import type { CaStep } from '../../provision/office/ledger.ts'
import { readText, replaceFile } from '../files/atomic.ts'

type Step = Pick<CaStep, 'step' | 'fingerprint'>

/** Returns the names of the hosts that were seen to have this step. @throws CniError IoFailure */
export function hostsSeen(folder: string, { step, fingerprint }: Step): ReadonlySet<string> {
  const text = readText(pathIn(folder))
  try {
    const value: unknown = text === undefined ? {} : JSON.parse(text)
    if (!isObject(value) || value['step'] !== step || value['ca'] !== fingerprint) return new Set()
    const { hosts } = value
    return new Set(Array.isArray(hosts) ? hosts.filter((each) => typeof each === 'string') : [])
  } catch {
    // Hosts are asked again.
    return new Set()
  }
}

/** Notes the hosts that have this step, in place of those of an earlier one. @throws CniError IoFailure */
export function noteHosts(folder: string, { step, fingerprint }: Step, hosts: readonly string[]): void {
  replaceFile(pathIn(folder), `${JSON.stringify({ version: 1, step, ca: fingerprint, hosts })}\n`, true)
}

function pathIn(folder: string): string {
  return join(folder, 'ca-hosts.json')
}
