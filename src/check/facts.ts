// What there is to know about this host for `flatnet-cni check`. Types only: src/diagnose gathers each member once, on
// first need, and all members that are needed side by side. One interface per file in facts/, named for its member.

import type { Settings } from '../config/settings.ts'
import type { NebulaFacts } from '../nebula/nebula-config.ts'
import type { AgentFacts } from './facts/agent.ts'
import type { BridgeFacts } from './facts/bridge.ts'
import type { CertificatesFacts } from './facts/certificates.ts'
import type { ClockFacts } from './facts/clock.ts'
import type { ConflistFacts } from './facts/conflists.ts'
import type { DisksFacts } from './facts/disks.ts'
import type { FirewallFacts } from './facts/firewall.ts'
import type { GatewayFacts } from './facts/gateway.ts'
import type { IdentityFacts } from './facts/identity.ts'
import type { IpamFacts } from './facts/ipam.ts'
import type { KernelFacts } from './facts/kernel.ts'
import type { LighthouseFacts } from './facts/lighthouses.ts'
import type { LinksFacts } from './facts/links.ts'
import type { NebulaCertificateFacts } from './facts/nebula-certificate.ts'
import type { NebulaFileFacts } from './facts/nebula-file.ts'
import type { NebulaRouteFacts } from './facts/nebula-routes.ts'
import type { NebulaState } from './facts/nebula.ts'
import type { NebulaStatsFacts } from './facts/nebula-stats.ts'
import type { NetworkFacts } from './facts/network.ts'
import type { PathFacts } from './facts/paths.ts'
import type { PeerReportFacts } from './facts/peer-reports.ts'
import type { PeersFacts } from './facts/peers.ts'
import type { PolicyTablesFacts } from './facts/policy-tables.ts'
import type { PrivilegeFacts } from './facts/privilege.ts'
import type { ProgramsFacts } from './facts/programs.ts'
import type { RoutesFacts } from './facts/routes.ts'
import type { SettingsFileFacts } from './facts/settings-file.ts'
import type { SysctlsFacts } from './facts/sysctls.ts'
import type { UdpPortFacts } from './facts/udp-port.ts'
import type { WslFacts } from './facts/wsl.ts'

/** A member that could not be gathered makes the items that need it skip with the reason. */
export interface Facts {
  /** Unix time in seconds. */
  readonly now: number
  /** The host's settings, complete; not to be had while their file is wrong (SYS-001 says so). */
  readonly settings: Settings
  readonly settingsFile: SettingsFileFacts
  /** Not to be had while the certificate is not to be believed (the group CERT says so). */
  readonly identity: IdentityFacts
  readonly network: NetworkFacts
  readonly peers: PeersFacts
  readonly links: LinksFacts
  readonly routes: RoutesFacts
  readonly policyTables: PolicyTablesFacts
  readonly privilege: PrivilegeFacts
  readonly programs: ProgramsFacts
  readonly kernel: KernelFacts
  readonly sysctls: SysctlsFacts
  readonly firewall: FirewallFacts
  readonly clock: ClockFacts
  readonly disks: DisksFacts
  readonly nebula: NebulaState
  readonly nebulaFile: NebulaFileFacts
  /** Not to be had while its file cannot be read (NEB-006 says so). */
  readonly nebulaConfig: NebulaFacts
  readonly nebulaCertificate: NebulaCertificateFacts
  readonly nebulaStats: NebulaStatsFacts
  readonly nebulaRoutes: NebulaRouteFacts
  readonly lighthouses: LighthouseFacts
  readonly conflists: ConflistFacts
  readonly bridge: BridgeFacts
  readonly ipam: IpamFacts
  readonly agent: AgentFacts
  /** Not to be had while the agent does not answer (AGENT-001 says so). */
  readonly paths: PathFacts
  readonly peerReports: PeerReportFacts
  readonly gateway: GatewayFacts
  readonly certificates: CertificatesFacts
  readonly wsl: WslFacts
  readonly udpPort: UdpPortFacts
}
