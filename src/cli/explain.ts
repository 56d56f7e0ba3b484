// `flatnet-cni check --explain ID`.

import { type CheckItem, groupOf } from '../check/item.ts'
import type { Answer } from './command.ts'
import { wrap } from './wrap.ts'

const WIDTH = 100

/** What an item is about, without looking at anything. */
export function explanation({ id, title, why, causes, steps, after = [] }: CheckItem): Answer {
  const list = (lines: readonly string[]): string => lines.map((line) => `  - ${line}`).join('\n')
  return {
    data: { id, group: groupOf(id), title, why, causes, steps, after },
    render: (theme) =>
      `${[
        `${theme.strong(id)}  ${title}`,
        wrap(why, WIDTH),
        `${theme.strong('How it comes about')}\n${list(causes)}`,
        `${theme.strong('What to do')}\n${list(steps)}`,
        ...(after.length === 0 ? [] : [`Look at these first: ${after.join(', ')}`]),
        `Look now: flatnet-cni check --only ${id}`,
      ].join('\n\n')}\n`,
  }
}
