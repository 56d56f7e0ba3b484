// NEB-009: Nebula follows the routes that flatnet installs in the kernel.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'
import { isAtLeast } from '../../../program-version.ts'

export const systemRoutes = checkItem({
  id: 'NEB-009',
  title: "Nebula follows the system's routes",
  fault: "Nebula does not follow the system's routes",
  why: 'Nebula has its own routing table: it drops packets for a route that only the kernel has.',
  causes: ['tun.use_system_route_table is off, which is the default.'],
  steps: [
    'set tun.use_system_route_table: true in the configuration of Nebula',
    NEBULA.restart,
    'flatnet-cni sync',
  ],
  needs: ['nebulaConfig', 'nebula', 'role'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { tun }, nebula: { own }, role }) => {
    if (role.isBareLighthouse && !role.isGateway)
      return { verdict: 'skip', seen: 'a lighthouse without containers' }
    const written = `${String(tun.unsafeRoutes.length)} in tun.unsafe_routes`
    if (own?.version !== undefined && !isAtLeast(own.version, '1.7.0')) {
      return tun.unsafeRoutes.length > 0
        ? { verdict: 'ok', seen: `${own.version} cannot; routes are configured: ${written}` }
        : {
            verdict: 'fail',
            seen: `${own.version} cannot, and tun.unsafe_routes is empty`,
            next: ['add every peer to tun.unsafe_routes, or install a newer Nebula'],
          }
    }
    if (tun.useSystemRouteTable === true) return { verdict: 'ok', seen: 'tun.use_system_route_table is true' }
    if (tun.unsafeRoutes.length > 0) {
      return {
        verdict: 'warn',
        seen: `tun.use_system_route_table is not true; only configured routes work (${written})`,
      }
    }
    return { verdict: 'fail', seen: 'tun.use_system_route_table is not true, and tun.unsafe_routes is empty' }
  },
})
