// What there is to know about this host for `flatnet-cni check`. Types only: src/diagnose gathers each member once, on
// first need, and all members that are needed side by side. One interface per file in facts/, named for its member.

import type { Settings } from '../config/settings.ts'
import type { ClockFacts } from './facts/clock.ts'
import type { DisksFacts } from './facts/disks.ts'
import type { FirewallFacts } from './facts/firewall.ts'
import type { IdentityFacts } from './facts/identity.ts'
import type { KernelFacts } from './facts/kernel.ts'
import type { LinksFacts } from './facts/links.ts'
import type { NetworkFacts } from './facts/network.ts'
import type { PeersFacts } from './facts/peers.ts'
import type { PrivilegeFacts } from './facts/privilege.ts'
import type { ProgramsFacts } from './facts/programs.ts'
import type { RoutesFacts } from './facts/routes.ts'
import type { SettingsFileFacts } from './facts/settings-file.ts'
import type { SysctlsFacts } from './facts/sysctls.ts'

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
  readonly privilege: PrivilegeFacts
  readonly programs: ProgramsFacts
  readonly kernel: KernelFacts
  readonly sysctls: SysctlsFacts
  readonly firewall: FirewallFacts
  readonly clock: ClockFacts
  readonly disks: DisksFacts
}
