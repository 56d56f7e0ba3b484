// The texts of --help and --version.

import { SUPPORTED_VERSIONS } from '../cni/supported.ts'

// Put in by scripts/build.ts; absent when the sources run unbundled.
declare const FLATNET_VERSION: string | undefined
declare const FLATNET_COMMIT: string | undefined

/** What `flatnet-cni --help` prints. */
export function helpText(): string {
  return `flatnet-cni: joins the containers of several hosts over Nebula, without NAT

A container runtime runs it as a CNI plugin (CNI_COMMAND set, configuration on standard
input). It speaks CNI ${SUPPORTED_VERSIONS.join(', ')}: ADD, DEL, CHECK,
GC, STATUS, VERSION; and as the IPAM plugin "flatnet-ipam" of other plugins.

Commands
  sync       put this host's bridge, routes and rules right, as each ADD does: after Nebula
             was restarted, a peer's certificate was added, or the rules were flushed
  gc         remove what containers left behind that are gone: leases, links, records; says
             why for each. --dry-run removes nothing, --json is for programs
  version    the version and what it was built from
  help       this text

Files
  /etc/flatnet/flatnet.json    settings; every key has a default, the file may be missing
  /etc/flatnet/peers.d/*.crt   certificates of the other hosts
  /etc/nebula/ca.crt, host.crt the Nebula CA and this host's certificate

Exit code: 0 done, 1 failed (the reason is on standard error), 2 not understood
`
}

/** What `flatnet-cni --version` prints: version, commit, base. */
export function versionText(): string {
  const version = typeof FLATNET_VERSION === 'undefined' ? 'unbuilt' : FLATNET_VERSION
  const commit = typeof FLATNET_COMMIT === 'undefined' ? 'unknown' : FLATNET_COMMIT
  return `flatnet-cni ${version} (commit ${commit}, Node ${process.versions.node}, ${process.arch})\n`
}
