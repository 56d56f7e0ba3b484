// Draws tables without borders, aligned by display width: East Asian characters take two columns.

import { getBorderCharacters, table } from 'table'
import { harmless } from './harmless.ts'
import type { Theme } from '../terminal.ts'

/**
 * Returns a header line and one line per row, with two spaces between columns and none at the end. Cells may
 * be coloured.
 */
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
