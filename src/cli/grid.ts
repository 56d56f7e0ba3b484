// Tables without borders, aligned by what characters take up on a terminal: East Asian ones two columns.

import { getBorderCharacters, table } from 'table'
import { harmless } from './harmless.ts'
import type { Theme } from './terminal.ts'

/** One line per row under a line of heads, two blanks between columns, nothing at the end of a line. Cells may be coloured. */
export function drawTable(
  theme: Theme,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [head.map((name) => theme.strong(name)), ...rows.map((row) => row.map(oneLine))]
  const drawn = table(cells, {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    drawHorizontalLine: () => false,
  })
  return `${drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()}\n`
}

function oneLine(cell: string): string {
  return harmless(cell).replaceAll(/[\n\t]/g, ' ')
}
