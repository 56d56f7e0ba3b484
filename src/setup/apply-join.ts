// The one place that changes the host for join. Each change is in the journal before it happens.

import { dirname } from 'node:path'
import { modprobe } from '../exec/system/modprobe.ts'
import { systemctl } from '../exec/system/systemctl.ts'
import { joinedHost, pathHistories } from '../provision/host/journal.ts'
import { isChange } from '../provision/host/plan-steps.ts'
import type { Step, UnitStep } from '../provision/host/step.ts'
import type { JournalFile } from '../state/joined/journal-file.ts'
import { clearTemporaries, put, setMode } from '../state/joined/places.ts'
import type { JoinPlan } from './plan-join.ts'

/** A file that was replaced, and its copy. */
export interface KeptCopy {
  readonly path: string
  readonly copy: string
}

/**
 * Takes every step of a plan. After a kill, the next run goes on where this one stopped.
 * @param say is told what happens next
 * @throws CniError that names the path, unit and next step
 */
export async function applyJoin(plan: JoinPlan, say: (what: string) => void): Promise<readonly KeptCopy[]> {
  const { checked, journal, steps, units, kernel } = plan
  const { bundle, authority } = checked
  const last = joinedHost(journal.entries())
  if (last?.serial !== bundle.serial || last.authority !== authority)
    journal.append({
      kind: 'host',
      at: new Date().toISOString(),
      office: bundle.office,
      authority,
      name: bundle.name,
      serial: bundle.serial,
    })
  const kept = steps.filter(isChange).flatMap((step) => {
    say(`${step.change} ${step.wanted.path}`)
    return take(step, journal)
  })
  if (kernel.load.length > 0) {
    say(`modprobe ${kernel.load.join(' ')}`)
    await modprobe(kernel.load)
  }
  await startUnits(units, steps, { journal, say })
  if (journal.entries().at(-1)?.kind !== 'done') journal.append({ kind: 'done' })
  return kept
}

function take({ wanted, change, found }: Step, journal: JournalFile): readonly KeptCopy[] {
  const { path } = wanted
  clearTemporaries(dirname(path))
  const known = pathHistories(journal.entries()).find((history) => history.path === path)
  // What join itself put there needs no copy.
  const isOurs = found.kind === 'file' && known?.ours.has(found.sha256) === true
  const backup = found.kind === 'file' && !isOurs ? journal.keepCopy(path) : ''
  journal.append({ kind: 'path', path, before: found, backup, after: after(wanted) })
  if (change === 'mode' && wanted.kind === 'file') setMode(path, wanted.mode)
  else put(wanted)
  return backup === '' ? [] : [{ path, copy: journal.copyAt(backup) }]
}

function after(wanted: Step['wanted']): string {
  if (wanted.kind === 'folder') return ''
  return wanted.kind === 'link' ? wanted.target : wanted.content.sha256
}

interface Means {
  readonly journal: JournalFile
  readonly say: (what: string) => void
}

async function startUnits(
  units: readonly UnitStep[],
  steps: readonly Step[],
  { journal, say }: Means,
): Promise<void> {
  const isNew = steps.some((step) => isChange(step) && step.wanted.path.startsWith('/etc/systemd/'))
  if (isNew) await systemctl('daemon-reload')
  for (const { unit, change } of units) {
    if (change === 'keep') continue
    say(`${change} ${unit}`)
    const isKnown = journal.entries().some((entry) => entry.kind === 'unit' && entry.unit === unit)
    if (!isKnown) journal.append({ kind: 'unit', unit })
    await systemctl('enable', unit)
    await systemctl('restart', unit)
  }
}
