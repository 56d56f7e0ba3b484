// Colours output on terminals only, and not if NO_COLOR (no-color.org) or TERM=dumb is set.

import { styleText } from 'node:util'
import type { Theme } from '../terminal.ts'

/** Tells whether a stream supports colours. */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

const as =
  (style: 'green' | 'red' | 'yellow' | 'dim' | 'bold') =>
  (text: string): string =>
    styleText(style, text, { validateStream: false })

const same = (text: string): string => text

export const COLOURED: Theme = {
  good: as('green'),
  bad: as('red'),
  warn: as('yellow'),
  dim: as('dim'),
  strong: as('bold'),
}

export const PLAIN: Theme = { good: same, bad: same, warn: same, dim: same, strong: same }
