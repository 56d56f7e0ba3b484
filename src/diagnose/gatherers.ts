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
  nebula: async () => (await import('./gather/nebula.ts')).gatherNebula,
  nebulaFile: async () => (await import('./gather/nebula-config.ts')).gatherNebulaFile,
  nebulaConfig: async () => (await import('./gather/nebula-config.ts')).gatherNebulaConfig,
  nebulaCertificate: async () => (await import('./gather/nebula-config.ts')).gatherNebulaCertificate,
  nebulaStats: async () => (await import('./gather/nebula-stats.ts')).gatherNebulaStats,
  nebulaRoutes: async () => (await import('./gather/nebula-routes.ts')).gatherNebulaRoutes,
  lighthouses: async () => (await import('./gather/lighthouses.ts')).gatherLighthouses,
  conflists: async () => (await import('./gather/conflists.ts')).gatherConflists,
  bridge: async () => (await import('./gather/bridge.ts')).gatherBridge,
  ipam: async () => (await import('./gather/ipam.ts')).gatherIpam,
  agent: async () => (await import('./gather/agent.ts')).gatherAgent,
  paths: async () => (await import('./gather/paths.ts')).gatherPaths,
  peerReports: async () => (await import('./gather/peer-reports.ts')).gatherPeerReports,
  gateway: async () => (await import('./gather/gateway.ts')).gatherGateway,
  certificates: async () => (await import('./gather/certificates.ts')).gatherCertificates,
  wsl: async () => (await import('./gather/wsl.ts')).gatherWsl,
  udpPort: async () => (await import('./gather/udp-port.ts')).gatherUdpPort,
}
