// What the program says about itself as a whole.

import { buildInfo } from '../build-info.ts'
import { SUPPORTED_VERSIONS } from '../cni/supported.ts'

/** What is running: the released version, the commit it was built from, and what it stands on. */
export interface ProgramFacts {
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

/** The paragraphs of `flatnet-cni --help`. */
export function programDescription(): readonly string[] {
  return [
    'A container runtime runs it as a CNI plugin (CNI_COMMAND set, configuration on standard input). It speaks CNI ' +
      `${SUPPORTED_VERSIONS.join(', ')}: ADD, DEL, CHECK, GC, STATUS, VERSION; and as the IPAM plugin "flatnet-ipam" ` +
      'of other plugins.',
    'Its files: /etc/flatnet/flatnet.json (settings; every key has a default, the file may be missing), ' +
      '/etc/flatnet/peers.d/*.crt (certificates of the other hosts), /etc/nebula/ca.crt and host.crt (the Nebula CA ' +
      "and this host's certificate).",
  ]
}
