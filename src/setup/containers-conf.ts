// Has podman 4 take networks of CNI, where that was asked for.

import { CniCode, CniError } from '../cni/error.ts'
import { run } from '../exec/run.ts'
import { textContent } from '../provision/host/wanted.ts'
import type { Wanted } from '../provision/host/step.ts'

const FOLDER = '/etc/containers/containers.conf.d'

const TEXT = `# Written by flatnet-cni join --containers-conf.
# podman 5 has no CNI: remove this file before an upgrade to it.
[network]
network_backend = "cni"
`

/** Returns the file. @throws CniError where podman is missing, or of a version that the file is not for */
export async function containersConfPaths(): Promise<readonly Wanted[]> {
  const { stdout } = await run({ file: 'podman', args: ['--version'] }).catch((error: unknown): never => {
    if (!(error instanceof CniError) || error.message !== 'program missing') throw error
    throw unfit('there is no podman on this host: install it first, or leave --containers-conf out')
  })
  const [, version = '', major = ''] = /\b((\d+)\.\d+\.\d+)/.exec(stdout) ?? []
  if (major === '3') throw unfit(`podman ${version} knows CNI alone: leave --containers-conf out`)
  if (major !== '4')
    throw unfit(
      `podman ${version} has no CNI, and network_backend = "cni" would stop it: leave --containers-conf ` +
        'out, and make the network with: podman network create -d flatnet-cni flatnet',
    )
  return [
    { kind: 'folder', path: '/etc/containers', mode: 0o755, what: 'settings of podman' },
    { kind: 'folder', path: FOLDER, mode: 0o755, what: 'settings of podman' },
    {
      kind: 'file',
      path: `${FOLDER}/50-flatnet.conf`,
      mode: 0o644,
      what: 'has podman 4 take networks of CNI',
      content: textContent(TEXT),
    },
  ]
}

function unfit(details: string): CniError {
  return new CniError(CniCode.InvalidConfig, 'no setting for this podman', details)
}
