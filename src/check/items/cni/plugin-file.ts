// CNI-005: every installed runtime finds our executable.

import { isOurs } from '../../reading/conflist.ts'
import type { ConflistFacts } from '../../facts/conflists.ts'
import { checkItem, type Finding } from '../../item.ts'
import { mildFor } from './perhaps.ts'

export const pluginFile = checkItem({
  id: 'CNI-005',
  title: 'runtimes find the plugin',
  fault: 'runtime cannot find the plugin',
  why:
    'A runtime looks for plugins in its own folders only; ' +
    'without the plugin there, no container of the network starts.',
  causes: [
    'The plugin is in a folder that this runtime does not search.',
    'The link to the plugin is dangling since an update.',
  ],
  steps: [
    'install -m 755 flatnet-cni /opt/cni/bin/',
    'ln -sfn /opt/cni/bin/flatnet-cni /usr/lib/cni/flatnet-cni',
  ],
  needs: ['conflists'],
  judge: ({ conflists }) => {
    const types = typesOfOurs(conflists)
    if (types.length === 0) return []
    const runtimes = conflists.runtimes.filter(({ usesCni }) => usesCni !== 'no')
    if (runtimes.length === 0) {
      const seen = 'no container runtime that uses CNI was found (podman, containerd, nerdctl, cri-o)'
      return { verdict: 'skip', seen }
    }
    return runtimes.flatMap((runtime) =>
      types.map((type) => mildFor(runtime, judgeType(conflists, runtime, type))),
    )
  },
})

/** Returns our plugin types that network configurations name. */
function typesOfOurs({ files }: ConflistFacts): readonly string[] {
  const named = files.flatMap(({ plugins }) => plugins.filter(isOurs))
  const types = named.map(({ type, ipam }) => (ipam === 'flatnet-ipam' ? ipam : type))
  return [...new Set(types)].toSorted()
}

function judgeType(
  { plugins }: ConflistFacts,
  { name, pluginFolders }: ConflistFacts['runtimes'][number],
  type: string,
): Finding {
  const found = pluginFolders.flatMap((folder) => plugins.filter(({ path }) => path === `${folder}/${type}`))
  // Runtimes pass over a dangling symlink when another folder has the file.
  const first = found.find(({ isFile }) => isFile) ?? found[0]
  const subject = `${type} for ${name}`
  if (first === undefined) {
    const [folder = '/opt/cni/bin'] = pluginFolders
    const next = [putThere(`${folder}/${type}`)]
    return { verdict: 'fail', subject, seen: `not in ${pluginFolders.join(', ')}`, next }
  }
  if (!first.isExecutable) {
    return {
      verdict: 'fail',
      subject,
      seen: `${first.path} is not executable, or is a dangling link`,
      next: [putThere(first.path)],
    }
  }
  return { verdict: 'ok', subject, seen: first.path }
}

// Either command also replaces a dangling symlink.
function putThere(path: string): string {
  return path === '/opt/cni/bin/flatnet-cni'
    ? 'install -m 755 flatnet-cni /opt/cni/bin/'
    : `ln -sfn /opt/cni/bin/flatnet-cni ${path}`
}
