// The breakdown as text.

import { renderTable } from '../table.ts'
import type { Breakdown } from './breakdown.ts'
import { BUDGETS } from './budget.ts'
import type { Counted } from './instructions.ts'

/** Renders one kind of call: its time part by part, its instructions phase by phase, and its budget. */
export function renderBreakdown({ id, what, meanMs, meanCpuMs, peakMb, parts, counted }: Breakdown): string {
  const ms = (figure: number): string => figure.toFixed(1)
  const blocks = [
    `${what}: ${ms(meanMs)} ms, ${ms(meanCpuMs)} ms of processor time, ${peakMb.toFixed(0)} MB at most`,
  ]
  if (parts.length > 0) {
    const cells = parts.map((part) => [
      ms(part.startMs),
      ms(part.ms),
      ms(part.kernelMs),
      ms(part.fsyncMs),
      part.what,
    ])
    blocks.push(renderTable([['from', 'ms', 'kernel', 'fsync', 'under strace'], ...cells]))
  }
  if (counted !== undefined) blocks.push(renderCounted(id, counted))
  return blocks.join('\n')
}

function renderCounted(id: Breakdown['id'], { own, phases, programs }: Counted): string {
  const millions = (figure: number): string => (figure / 1e6).toFixed(1)
  const { millions: most, programs: mostPrograms } = BUDGETS[id]
  const over = own / 1e6 > most || programs.length > mostPrograms ? 'OVER BUDGET' : 'within budget'
  const total = `own process without the search (${over}: ${most} million, ${mostPrograms} programs)`
  return renderTable([
    ['million', 'instructions'],
    ...phases.map((phase) => [millions(phase.instructions), phase.what]),
    [millions(own), total],
    ...programs.map(({ command, instructions }) => [millions(instructions), command]),
  ])
}
