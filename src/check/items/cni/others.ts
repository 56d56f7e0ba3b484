// CNI-009: no other file in the folder breaks the runtimes.

import { isOurs } from '../../reading/conflist.ts'
import type { ConflistFacts } from '../../facts/conflists.ts'
import { checkItem, type Finding } from '../../item.ts'

export const others = checkItem({
  id: 'CNI-009',
  title: "other networks' configurations can be read",
  fault: "another network's configuration cannot be read",
  why: 'One unreadable file stops every nerdctl and ctr command, and podman skips the network in it.',
  causes: ['Another network product left a file behind, or a file was only half written.'],
  steps: ['correct the file, or move it out of the folder'],
  needs: ['conflists'],
  judge: ({ conflists }) => {
    const foreign = conflists.files.filter(({ plugins }) => !plugins.some(isOurs))
    if (foreign.length === 0) return { verdict: 'ok', seen: 'there are no others' }
    return foreign.map((file) => judgeFile(conflists, file))
  },
})

function judgeFile(
  { runtimes, plugins }: ConflistFacts,
  { path, problem, name, plugins: chain }: ConflistFacts['files'][number],
): Finding {
  if (problem !== undefined) {
    const next = [`correct it, or move it away: mv '${path}' '${path}.off'`]
    return { verdict: 'fail', subject: path, seen: problem, next }
  }
  const missing = chain
    .map(({ type }) => type)
    .filter((type) => !plugins.some((plugin) => plugin.isExecutable && plugin.path.endsWith(`/${type}`)))
  if (runtimes.length === 0 || missing.length === 0)
    return { verdict: 'ok', subject: path, seen: `network ${name}` }
  return {
    verdict: 'warn',
    fault: 'plugin of another network is missing',
    subject: path,
    seen:
      `network ${name} needs ${missing.join(', ')}, which is in no plugin folder: ` +
      'its containers do not start',
    next: [`install what is missing, or move the file away: mv '${path}' '${path}.off'`],
  }
}
