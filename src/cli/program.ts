// Facts and texts about the program as a whole.

import { buildInfo } from '../build-info.ts'
import { SUPPORTED_VERSIONS } from '../cni/supported.ts'

/** The running program: the released version, the commit it was built from, and the Node.js version. */
interface ProgramFacts {
  readonly program: string
  readonly commit: string
  readonly node: string
  readonly arch: string
}

export function programFacts(): ProgramFacts {
  const { version: program, commit } = buildInfo()
  return {
    program,
    commit,
    node: process.versions.node,
    arch: process.arch,
  }
}

/** Returns the paragraphs of `flatnet-cni --help`. */
export function programDescription(): readonly string[] {
  return [
    'Container runtimes run it as a CNI plugin (CNI_COMMAND set, configuration on standard input). ' +
      `It supports CNI ${SUPPORTED_VERSIONS.join(', ')} with ADD, DEL, CHECK, GC, STATUS and VERSION, ` +
      'and is also the IPAM plugin "flatnet-ipam" for other plugins. podman 5 and later run it as the ' +
      'network driver "flatnet-cni" (create, setup, teardown, info).',
    'Files: /etc/flatnet/flatnet.json (settings; every key has a default, and the file may be missing), ' +
      '/etc/flatnet/peers.d/*.crt (certificates of other hosts), /etc/nebula/ca.crt and host.crt (the ' +
      "Nebula CA and this host's certificate).",
  ]
}
