// Everything `flatnet-cni check` can know about this host. Types only: src/diagnose gathers each member once,
// when an item first needs it, and gathers the needed members in parallel. facts/ holds one interface per
// file, named after its member.

import type { Settings } from '../config/settings.ts'
import type { NebulaFacts } from '../nebula/configuration/nebula-config.ts'
import type { AgentFacts } from './facts/agent.ts'
import type { BridgeFacts } from './facts/bridge.ts'
import type { CertificatesFacts } from './facts/certificates.ts'
import type { ClockFacts } from './facts/clock.ts'
import type { ConflistFacts } from './facts/conflists.ts'
import type { DisksFacts } from './facts/disks.ts'
import type { FirewallFacts } from './facts/firewall.ts'
import type { GatewayFacts } from './facts/gateway.ts'
import type { HttpGatewayFacts } from './facts/http-gateway.ts'
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
import type { PeerViewFacts } from './facts/peer-views.ts'
import type { PeersFacts } from './facts/peers.ts'
import type { PolicyTablesFacts } from './facts/policy-tables.ts'
import type { PrivilegeFacts } from './facts/privilege.ts'
import type { ProgramsFacts } from './facts/programs.ts'
import type { PublishedPortsFacts } from './facts/published-ports.ts'
import type { RenewalFacts } from './facts/renewal.ts'
import type { RevocationFacts } from './facts/revocations.ts'
import type { RoleFacts } from './facts/role.ts'
import type { RoutesFacts } from './facts/routes.ts'
import type { SettingsFileFacts } from './facts/settings-file.ts'
import type { SysctlsFacts } from './facts/sysctls.ts'
import type { UdpPortFacts } from './facts/udp-port.ts'
import type { WslFacts } from './facts/wsl.ts'

/** A member that could not be gathered makes the items that need it skip, with the reason. */
export interface Facts {
  /** Unix time in seconds. */
  readonly now: number
  /** The host's complete settings; unavailable while the settings file is invalid (reported by SYS-001). */
  readonly settings: Settings
  readonly settingsFile: SettingsFileFacts
  /** Unavailable while the host certificate fails verification (reported by the group CERT). */
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
  /** Unavailable while the file cannot be read (reported by NEB-006). */
  readonly nebulaConfig: NebulaFacts
  readonly nebulaCertificate: NebulaCertificateFacts
  readonly nebulaStats: NebulaStatsFacts
  readonly nebulaRoutes: NebulaRouteFacts
  /** Unavailable while the host certificate fails verification (reported by the group CERT). */
  readonly renewal: RenewalFacts
  readonly revocations: RevocationFacts
  readonly lighthouses: LighthouseFacts
  readonly conflists: ConflistFacts
  readonly bridge: BridgeFacts
  readonly ipam: IpamFacts
  readonly publishedPorts: PublishedPortsFacts
  readonly agent: AgentFacts
  /** Unavailable while the agent does not answer (reported by AGENT-001). */
  readonly paths: PathFacts
  readonly peerViews: PeerViewFacts
  readonly gateway: GatewayFacts
  readonly httpGateway: HttpGatewayFacts
  readonly certificates: CertificatesFacts
  readonly role: RoleFacts
  readonly wsl: WslFacts
  readonly udpPort: UdpPortFacts
}
