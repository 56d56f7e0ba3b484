// Colour: on a terminal only, and not where NO_COLOR (no-color.org) or TERM=dumb says otherwise.

import { styleText } from 'node:util'
import type { Theme } from './terminal.ts'

/** Whether a stream may be sent colours. */
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
