// Gathers what can be seen of the HTTP Gateway: its files, its nginx, and what that says of itself.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Facts } from '../../check/facts.ts'
import { CniError, errorText } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { gatewayFiles, gatewayOptions, luaRelease } from '../../host/http-gateway/configuration.ts'
import { findNginx, type Nginx } from '../../host/http-gateway/nginx.ts'
import { gatewayPlaces } from '../../host/http-gateway/places.ts'
import { snapshotProblem } from '../../host/http-gateway/snapshot.ts'
import { type GatewayState, gatewayState } from '../../host/http-gateway/state.ts'
import { portHolder } from '../../kernel/port-holder.ts'
import { readText } from '../../state/files/atomic.ts'
import type { GatherContext } from '../context.ts'

const LOOKS = 5
const LOOK_AGAIN_MS = 200

export async function gatherHttpGateway({ get }: GatherContext): Promise<Facts['httpGateway']> {
  const settings = await get('settings')
  const { port } = gatewayOptions(settings)
  const state = await gatewayState(settings)
  const found = state.isInstalled ? await lookForNginx() : 'not installed'
  return {
    isInstalled: state.isInstalled,
    program: state.program ?? undefined,
    obstacle: typeof found === 'string' ? found : undefined,
    pid: state.pid ?? undefined,
    problem: state.problem ?? undefined,
    port,
    holder: portHolder({ protocol: 'tcp', address: '0.0.0.0', port }),
    differing: typeof found === 'string' ? [] : differing(settings, found),
    host: state.host ?? undefined,
    hosts: Object.keys(state.hosts).length,
    names: state.names,
    silentSeconds: state.silentSeconds ?? undefined,
    snapshotProblem: await staleSnapshot(settings, state),
    isCurrent: state.release === luaRelease(),
    freeBytes: state.freeBytes ?? undefined,
    gateways: state.gateways ?? undefined,
  }
}

// The agent writes the file, then tells nginx: a difference counts if it stays.
async function staleSnapshot(settings: Settings, first: GatewayState): Promise<string | undefined> {
  const { snapshot } = gatewayPlaces(settings)
  let state = first
  for (let look = 1; state.problem === null && state.isInstalled; look += 1) {
    const problem = snapshotProblem(snapshot, state.hosts)
    if (problem === undefined || look === LOOKS) return problem
    await sleep(LOOK_AGAIN_MS)
    state = await gatewayState(settings)
  }
  return undefined
}

async function lookForNginx(): Promise<Nginx | string> {
  try {
    return await findNginx()
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return errorText(error)
  }
}

function differing(settings: Settings, nginx: Nginx): readonly string[] {
  return gatewayFiles(settings, nginx).flatMap(({ path, text }) => (readText(path) === text ? [] : [path]))
}
