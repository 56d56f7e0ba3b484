// CNI-003: the runtime is told what flatnet-cni can do.

import type { ConflistFile } from '../../facts/conflists.ts'
import { checkItem, type Finding } from '../../item.ts'

// What goes wrong without each, in the words of whoever asked for it.
const NEEDED = {
  portMappings: 'published ports (-p)',
  ips: 'fixed addresses (--ip)',
  mac: 'fixed MAC addresses (--mac-address)',
} as const

export const capabilities = checkItem({
  id: 'CNI-003',
  title: 'capabilities are switched on',
  why: 'A runtime passes on only what the configuration lists: published ports or fixed addresses are otherwise left out without a word.',
  causes: ['The file was written by hand and left them out.'],
  steps: ['take "capabilities" from conflist/10-flatnet.conflist'],
  needs: ['conflists'],
  judge: ({ conflists: { files } }) =>
    files.filter(({ plugins }) => plugins.some(({ type }) => type === 'flatnet-cni')).map(judgeFile),
})

// Another plugin of the chain may do a part of it: portmap publishes ports.
function judgeFile({ path, plugins }: ConflistFile): Finding {
  const have = new Set(plugins.flatMap((plugin) => plugin.capabilities))
  const missing = Object.entries(NEEDED).filter(([key]) => !have.has(key))
  if (missing.length === 0)
    return { verdict: 'ok', subject: path, seen: `has ${[...have].toSorted().join(', ')}` }
  const lines = missing.map(([key]) => `"${key}": true`)
  return {
    verdict: 'warn',
    subject: path,
    seen: `without ${missing.map(([key, what]) => `${key}: ${what} do nothing`).join(', without ')}`,
    next: [`add to "capabilities" of flatnet-cni in ${path}: ${lines.join(', ')}`],
  }
}
