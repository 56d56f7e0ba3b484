// Where each member of Facts comes from. A gatherer is loaded when an item needs it.

import type { Facts } from '../check/facts.ts'
import type { Gatherer } from './context.ts'

export const GATHERERS: { readonly [Member in keyof Facts]: () => Promise<Gatherer<Member>> } = {
  now: () => Promise.resolve(({ now }) => now),
  settings: async () => (await import('./gather/settings.ts')).gatherSettings,
  settingsFile: async () => (await import('./gather/settings.ts')).gatherSettingsFile,
  identity: async () => (await import('./gather/identity.ts')).gatherIdentity,
  network: async () => (await import('./gather/identity.ts')).gatherNetwork,
  peers: async () => (await import('./gather/identity.ts')).gatherPeers,
  links: async () => (await import('./gather/links.ts')).gatherLinks,
  routes: async () => (await import('./gather/routes.ts')).gatherRoutes,
  privilege: async () => (await import('./gather/privilege.ts')).gatherPrivilege,
  programs: async () => (await import('./gather/programs.ts')).gatherPrograms,
  kernel: async () => (await import('./gather/kernel.ts')).gatherKernel,
  sysctls: async () => (await import('./gather/sysctls.ts')).gatherSysctls,
  firewall: async () => (await import('./gather/firewall.ts')).gatherFirewall,
  clock: async () => (await import('./gather/clock.ts')).gatherClock,
  disks: async () => (await import('./gather/disks.ts')).gatherDisks,
}
