// CNI-007: the other plugins of our chains are installed.

import { isOurs } from '../../reading/conflist.ts'
import type { ConflistFacts } from '../../facts/conflists.ts'
import { checkItem, type Finding } from '../../item.ts'
import { mildFor } from './perhaps.ts'

export const chainPlugins = checkItem({
  id: 'CNI-007',
  title: 'other plugins of the chain are installed',
  fault: 'plugin of the chain is missing',
  why:
    'A chain runs to its end or not at all: one missing plugin keeps every container of the network ' +
    'from starting.',
  causes: [
    'The package with the reference plugins is missing, or is in a folder that this runtime does not search.',
  ],
  steps: ['apt install containernetworking-plugins'],
  needs: ['conflists'],
  judge: ({ conflists }) =>
    conflists.files
      .filter(({ plugins }) => plugins.some(isOurs))
      .flatMap((file) => judgeFile(conflists, file)),
})

function judgeFile(
  { runtimes, plugins }: ConflistFacts,
  file: ConflistFacts['files'][number],
): readonly Finding[] {
  const others = file.plugins.map(({ type }) => type).filter((type) => !type.startsWith('flatnet-'))
  return runtimes
    .filter(({ usesCni }) => usesCni !== 'no')
    .map((runtime) => {
      const { name, pluginFolders } = runtime
      const has = (type: string): boolean =>
        pluginFolders.some((folder) =>
          plugins.some(({ path, isExecutable }) => isExecutable && path === `${folder}/${type}`),
        )
      const missing = others.filter((type) => !has(type))
      const subject = `${file.path} for ${name}`
      if (missing.length === 0) {
        const seen = others.length === 0 ? 'the chain needs no other plugin' : `has ${others.join(', ')}`
        return { verdict: 'ok', subject, seen }
      }
      return mildFor(runtime, {
        verdict: 'fail',
        subject,
        seen: `${missing.join(', ')} not in ${pluginFolders.join(', ')}`,
        next: [
          'apt install containernetworking-plugins',
          `or remove ${missing.join(', ')} from ${file.path}`,
        ],
      })
    })
}
