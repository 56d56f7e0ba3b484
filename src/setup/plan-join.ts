// Plans what join does to this host: looks at everything, changes nothing.

import { CniError, errorText } from '../cni/error.ts'
import { caPool } from '../nebula/certificate/ca-pool.ts'
import { isActive } from '../exec/system/systemctl.ts'
import { admit, refuseForeign } from '../provision/host/admission.ts'
import type { CheckedBundle } from '../provision/bundle/contents.ts'
import { isComplete, joinedHost } from '../provision/host/journal.ts'
import { type KernelPlan, planKernel } from '../provision/host/kernel.ts'
import { isChange, planSteps } from '../provision/host/plan-steps.ts'
import type { Found, Step, UnitStep, Wanted } from '../provision/host/step.ts'
import type { HandedProgram, Surroundings } from '../provision/host/surroundings.ts'
import {
  AGENT_UNIT,
  OWN_NEBULA_UNIT,
  PACKAGED_NEBULA_UNIT,
  PKI,
  wantedPaths,
} from '../provision/host/wanted.ts'
import type { ShippedFiles } from '../shipped-files.ts'
import { readOptional } from '../state/files/source-file.ts'
import { type JournalFile, openJournal } from '../state/joined/journal-file.ts'
import { lookAt } from '../state/joined/places.ts'
import { containersConfPaths } from './containers-conf.ts'
import { lookAround } from './surroundings.ts'
import {
  planWindowsSide,
  refuseWithoutWsl,
  type WindowsJoin,
  windowsPaths,
  type WindowsWay,
} from './windows/plan.ts'

/** All that join will do. */
export interface JoinPlan {
  readonly checked: CheckedBundle
  readonly surroundings: Surroundings
  readonly journal: JournalFile
  readonly steps: readonly Step[]
  readonly units: readonly UnitStep[]
  readonly kernel: KernelPlan
  /** An earlier run of the same bundle was stopped. */
  readonly isResumed: boolean
  /** What is done to Windows, or why nothing can be; undefined where it is left alone. */
  readonly windows: WindowsJoin | { readonly problem: string } | undefined
}

export interface JoinWishes {
  /** A certificate that join did not put here may be replaced. */
  readonly mayReplace: boolean
  /** Undefined: print in WSL2, nothing elsewhere. */
  readonly windows: WindowsWay | undefined
  /** podman 4 is to take networks of CNI. */
  readonly containersConf: boolean
  /** Programs that came from the office; for a plan alone, those that would. */
  readonly handed: readonly HandedProgram[]
}

/**
 * Plans.
 * @throws CniError for a bundle that does not belong on this host, and for what is in the way
 */
export async function planJoin(
  checked: CheckedBundle,
  source: string,
  shipped: ShippedFiles,
  { mayReplace, windows: way, containersConf, handed }: JoinWishes,
): Promise<JoinPlan> {
  const journal = openJournal()
  const before = joinedHost(journal.entries())
  admit(checked, before, { source, trusted: trustedHere() })
  const surroundings = await lookAround(handed)
  const windows = await lookAtWindows(checked, surroundings, shipped, way)
  const wanted = [
    ...wantedPaths(checked, surroundings, shipped),
    ...(windows === undefined || 'problem' in windows ? [] : windowsPaths(windows)),
    ...(containersConf ? await containersConfPaths() : []),
  ]
  const found = new Map(wanted.map(({ path }): [string, Found] => [path, lookAt(path)]))
  if (before === undefined && !mayReplace) refuseForeign(PKI.cert, isForeign(wanted, found))
  const steps = planSteps(wanted, found)
  return {
    checked,
    surroundings,
    journal,
    steps,
    kernel: planKernel(surroundings.kernel, checked.certificate.unsafeNetworks.length > 0),
    units: surroundings.hasSystemd ? await unitSteps(surroundings, steps) : [],
    windows,
    isResumed: before !== undefined && !isComplete(journal.entries()),
  }
}

async function lookAtWindows(
  checked: CheckedBundle,
  surroundings: Surroundings,
  shipped: ShippedFiles,
  way: WindowsWay | undefined,
): Promise<JoinPlan['windows']> {
  if (way !== undefined) refuseWithoutWsl(way, surroundings)
  if (way === 'skip' || surroundings.wsl === 'none') return undefined
  try {
    return await planWindowsSide(checked, surroundings, shipped, way ?? 'print')
  } catch (error) {
    // Where no one asked for it, a Windows that cannot be asked keeps no host from joining.
    if (way !== undefined || !(error instanceof CniError)) throw error
    return { problem: errorText(error) }
  }
}

function trustedHere(): ReadonlySet<string> {
  try {
    const pem = readOptional(PKI.ca, 'CA certificate')
    return new Set(pem === undefined ? [] : caPool(pem, PKI.ca).authorities.keys())
  } catch (error) {
    // It is replaced.
    if (error instanceof CniError) return new Set()
    throw error
  }
}

function isForeign(wanted: readonly Wanted[], found: ReadonlyMap<string, Found>): boolean {
  const ours = wanted.find(({ path }) => path === PKI.cert)
  const there = found.get(PKI.cert)
  if (there === undefined || there.kind === 'absent') return false
  return ours?.kind !== 'file' || there.kind !== 'file' || there.sha256 !== ours.content.sha256
}

async function unitSteps(
  { hasNebulaUnit }: Surroundings,
  steps: readonly Step[],
): Promise<readonly UnitStep[]> {
  const units = [hasNebulaUnit ? PACKAGED_NEBULA_UNIT : OWN_NEBULA_UNIT, AGENT_UNIT]
  const hasChanged = steps.some(isChange)
  const planned: UnitStep[] = []
  for (const unit of units) {
    const runs = await isActive(unit)
    planned.push({ unit, change: runs ? (hasChanged ? 'restart' : 'keep') : 'start' })
  }
  return planned
}
