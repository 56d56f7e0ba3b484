// The words of `flatnet-cni ca rotate`.

import { basename } from 'node:path'
import type { Rotated } from '../../../office/rotate.ts'
import type { HostProgress } from '../../../provision/office/ca-state.ts'
import type { CaStepKind } from '../../../provision/office/ledger.ts'
import type { Theme } from '../../terminal.ts'
import { drawTable } from '../../text/grid.ts'
import type { Delivery } from '../host/decided-text.ts'
import { handedData } from '../statement/text.ts'

/** All that is shown. */
interface Shown {
  readonly office: string
  readonly folder: string
  readonly rotated: Rotated
  /** Of each statement, in order. */
  readonly deliveries: readonly Delivery[]
  /** Who has the step now; undefined where hosts cannot be asked. */
  readonly progress: readonly HostProgress[] | undefined
}

const STEPS: Readonly<Record<CaStepKind, { readonly number: number; readonly what: string }>> = {
  introduce: { number: 1, what: 'hosts are to trust the new CA, too' },
  sign: { number: 2, what: 'the new CA signs, and hosts are to take their new certificates' },
  retire: { number: 3, what: 'hosts are to trust the earlier CA no longer' },
}

/** Returns 1, 2 or 3. */
export function stepNumber(step: CaStepKind): number {
  return STEPS[step].number
}

/** Returns what --json prints. */
export function rotatedData({ office, folder, rotated, deliveries, progress }: Shown): object {
  const { step, outcome, statements, lacking } = rotated
  const { fingerprint, earlier } = step
  return {
    office,
    folder,
    step: stepNumber(step.step),
    outcome,
    ca: fingerprint,
    earlier,
    files: statements.map(({ file }) => file),
    handedOver: deliveries.map((each) => ('why' in each ? null : handedData(each))),
    hosts: progress ?? null,
    lacking,
  }
}

/** Renders a step: who has it, and what to do next. */
export function rotatedText({ folder, rotated, deliveries, progress }: Shown, theme: Theme): string {
  const { step, outcome, statements } = rotated
  const { number, what } = STEPS[step.step]
  const ca = `new CA ${step.fingerprint.slice(0, 16)}, earlier CA ${step.earlier.slice(0, 16)}`
  const done = { taken: '', completed: ' (stopped before, complete now)', waits: '', over: '' }[outcome]
  const files = statements.map(({ file }) => basename(file))
  return [
    `${theme.strong(`Step ${String(number)} of 3`)}: ${what}${done}\n    ${ca}\n`,
    ...deliveries.map((delivery) => undelivered(delivery, theme)),
    progress === undefined ? carryText(folder, files) : progressText(progress, theme),
    ...(rotated.lacking.length > 0 && outcome === 'taken' ? [leftBehind(rotated.lacking, folder)] : []),
    nextText(rotated, folder, progress),
  ].join('')
}

function undelivered(delivery: Delivery, theme: Theme): string {
  return 'why' in delivery && delivery.why !== undefined
    ? `${theme.warn('This host could not take it')}: ${delivery.why}\n`
    : ''
}

/** Renders how many hosts have a step, and who has not. */
export function progressText(progress: readonly HostProgress[], theme: Theme): string {
  const missing = progress.filter(({ has }) => has !== 'yes')
  const having = `${String(progress.length - missing.length)} of ${String(progress.length)} hosts have it`
  if (missing.length === 0) return `${theme.good(having)}\n`
  const rows = missing.map(({ name, why }) => [name, why])
  return `${theme.warn(having)}; not yet, or not known:\n${drawTable(theme, ['HOST', ''], rows)}`
}

function carryText(folder: string, files: readonly string[]): string {
  return (
    'This machine is no host of the office, or its agent does not answer. Copy from ' +
    `${folder} to any one host, and there, as root, in this order:\n` +
    files.map((file) => `    flatnet-cni statement import ${file}\n`).join('')
  )
}

function leftBehind(lacking: readonly HostProgress[], folder: string): string {
  const names = lacking.map(({ name }) => name).join(', ')
  return (
    `Left behind: ${names}. Until they have caught up, they do not reach hosts that go on. If they do not ` +
    `by themselves, carry introduction.statement and renewal.statement of ${folder} to each, and there, ` +
    'as root: flatnet-cni statement import FILE\n'
  )
}

function nextText(
  { step, outcome }: Rotated,
  folder: string,
  progress: readonly HostProgress[] | undefined,
): string {
  const backUp = `Back up ${folder} now.`
  if (step.step === 'retire') {
    const over = progress === undefined || progress.some(({ has }) => has !== 'yes')
    return `${backUp} The files of every CA stay there; no host accepts what the earlier one signs.\n${
      over
        ? 'Next: flatnet-cni ca status on any host, until all hosts have it\n'
        : 'The change is complete.\n'
    }`
  }
  if (outcome === 'waits')
    return `Next: the same again when these hosts are back; --force goes on without them, and cuts them off\n`
  const key = step.step === 'introduce' ? `${backUp} It has the key of the new CA.\n` : `${backUp}\n`
  return `${key}Next: flatnet-cni ca rotate, when all hosts have it (see flatnet-cni ca status)\n`
}
