// `flatnet-cni check --explain ID`.

import { type CheckItem, groupOf } from '../../../check/item.ts'
import type { Answer } from '../../command.ts'
import { wrap } from '../../text/wrap.ts'

const WIDTH = 100

/** Returns the explanation of an item, without checking anything. */
export function explanation({ id, title, fault, why, causes, steps, after = [] }: CheckItem): Answer {
  const list = (lines: readonly string[]): string => lines.map((line) => `  - ${line}`).join('\n')
  return {
    data: { id, group: groupOf(id), title, fault, why, causes, steps, after },
    render: (theme) =>
      `${[
        `${theme.strong(id)}  ${title}`,
        `${theme.strong('When it fails')}: ${fault}`,
        wrap(why, WIDTH),
        `${theme.strong('Causes')}\n${list(causes)}`,
        `${theme.strong('What to do')}\n${list(steps)}`,
        ...(after.length === 0 ? [] : [`Check these first: ${after.join(', ')}`]),
        `Check now: flatnet-cni check --only ${id}`,
      ].join('\n\n')}\n`,
  }
}
