// What the program says about itself as a whole.

import { SUPPORTED_VERSIONS } from '../cni/supported.ts'

// Put in by scripts/build.ts; absent when the sources run unbundled.
declare const FLATNET_VERSION: string | undefined
declare const FLATNET_COMMIT: string | undefined

/** What is running: the released version, the commit it was built from, and what it stands on. */
export interface ProgramFacts {
  readonly program: string
  readonly commit: string
  readonly node: string
  readonly arch: string
}

export function programFacts(): ProgramFacts {
  return {
    program: typeof FLATNET_VERSION === 'undefined' ? 'unbuilt' : FLATNET_VERSION,
    commit: typeof FLATNET_COMMIT === 'undefined' ? 'unknown' : FLATNET_COMMIT,
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
