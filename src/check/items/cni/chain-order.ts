// CNI-004: our plugins stand where they can work.

import type { ConflistFile } from '../../facts/conflists.ts'
import { isOurs } from '../../conflist.ts'
import { checkItem, type Finding } from '../../item.ts'

export const chainOrder = checkItem({
  id: 'CNI-004',
  title: 'flatnet-cni is the first of its chain',
  why: 'It makes the interface that the other plugins of the chain work on; behind them it is refused.',
  causes: ['The entry was added behind those of an older network.'],
  steps: ['move the entry of flatnet-cni to the front'],
  needs: ['conflists'],
  judge: ({ conflists: { files } }) => files.filter(({ plugins }) => plugins.some(isOurs)).map(judgeFile),
})

function judgeFile({ path, plugins }: ConflistFile): Finding {
  const types = plugins.map(({ type }) => type)
  const problem = problemOf(types)
  if (problem !== undefined) return { verdict: 'fail', subject: path, ...problem }
  return { verdict: 'ok', subject: path, seen: types.join(', ') }
}

function problemOf(types: readonly string[]): { seen: string; next?: string[] } | undefined {
  if (types.includes('flatnet-ipam')) {
    return {
      seen: 'flatnet-ipam stands as a plugin of its own; it gives addresses to another one',
      next: ['write it as {"type": "bridge", "ipam": {"type": "flatnet-ipam"}}, or use flatnet-cni'],
    }
  }
  const at = types.indexOf('flatnet-cni')
  if (at > 0) {
    return { seen: `flatnet-cni comes after ${types.slice(0, at).join(', ')}` }
  }
  if (at !== types.lastIndexOf('flatnet-cni')) {
    return { seen: 'flatnet-cni stands in it twice', next: ['remove one of the two entries'] }
  }
  return undefined
}
