// CNI-003: the configuration enables the capabilities of flatnet-cni.

import type { ConflistFile } from '../../facts/conflists.ts'
import { checkItem, type Finding } from '../../item.ts'

// What goes wrong without each capability, in terms of the feature that the user asked for.
const NEEDED = {
  portMappings: 'published ports (-p)',
  ips: 'fixed addresses (--ip)',
  mac: 'fixed MAC addresses (--mac-address)',
} as const

export const capabilities = checkItem({
  id: 'CNI-003',
  title: 'capabilities are enabled',
  fault: 'capabilities are missing',
  why:
    'Runtimes pass on only the capabilities that the configuration lists. ' +
    'Otherwise they silently ignore published ports or fixed addresses.',
  causes: ['The file was written by hand, without them.'],
  steps: ['take "capabilities" from conflist/10-flatnet.conflist'],
  needs: ['conflists'],
  judge: ({ conflists: { files } }) =>
    files.filter(({ plugins }) => plugins.some(({ type }) => type === 'flatnet-cni')).map(judgeFile),
})

// Another plugin of the chain may provide part of it: portmap publishes ports.
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
