// CNI-004: our plugins are at a position in the chain where they work.

import type { ConflistFile } from '../../facts/conflists.ts'
import { isOurs } from '../../reading/conflist.ts'
import { checkItem, type Finding } from '../../item.ts'

export const chainOrder = checkItem({
  id: 'CNI-004',
  title: 'flatnet-cni is the first plugin of its chain',
  fault: 'flatnet-cni is not the first plugin of its chain',
  why:
    'The other plugins of the chain work on the interface that flatnet-cni makes, ' +
    'so it refuses to run behind them.',
  causes: ['The entry was added after those of an older network.'],
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

function problemOf(types: readonly string[]): Omit<Finding, 'verdict'> | undefined {
  if (types.includes('flatnet-ipam')) {
    return {
      fault: 'flatnet-ipam is listed as a chained plugin',
      seen: 'flatnet-ipam can only be the IPAM plugin ("ipam") of another plugin',
      next: ['write it as {"type": "bridge", "ipam": {"type": "flatnet-ipam"}}, or use flatnet-cni'],
    }
  }
  const at = types.indexOf('flatnet-cni')
  if (at > 0) {
    return { seen: `flatnet-cni comes after ${types.slice(0, at).join(', ')}` }
  }
  if (at !== types.lastIndexOf('flatnet-cni')) {
    return {
      fault: 'flatnet-cni is listed twice in its chain',
      seen: `the chain is ${types.join(', ')}`,
      next: ['remove one of the two entries'],
    }
  }
  return undefined
}
