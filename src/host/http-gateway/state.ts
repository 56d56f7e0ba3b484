// What the HTTP Gateway of this host says of itself.

import { CniError, errorText } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import type { GatewayView } from '../../http-gateway/recognition.ts'
import { isObject } from '../../json.ts'
import { readGateways } from './known-gateways.ts'
import { readMark } from './mark.ts'
import { gatewayPlaces } from './places.ts'
import { askGateway } from './push-client.ts'
import { masterPid } from './service.ts'

/** The HTTP Gateway as `status` shows it. */
export interface GatewayState {
  readonly isInstalled: boolean
  readonly program: string | null
  readonly port: number | null
  /** The process of nginx's master. */
  readonly pid: number | null
  /** What the nginx in use was told. */
  readonly host: string | null
  readonly domain: string | null
  /** Stamps by host. */
  readonly hosts: Readonly<Record<string, string>>
  readonly names: number
  /** Since the agent was last heard; null if never. */
  readonly silentSeconds: number | null
  readonly nginx: string | null
  /** Names the Lua files that it runs. */
  readonly release: string | null
  /** Free memory for names. */
  readonly freeBytes: number | null
  /** All HTTP Gateways of the office, this one first; null before the agent has told them. */
  readonly gateways: readonly GatewayView[] | null
  /** Why it does not answer; null if it does. */
  readonly problem: string | null
}

/** @throws CniError where files cannot be read */
export async function gatewayState(settings: Settings): Promise<GatewayState> {
  const mark = readMark()
  const places = gatewayPlaces(settings)
  const known = {
    isInstalled: mark !== undefined,
    program: mark?.program ?? null,
    port: mark?.port ?? null,
    pid: masterPid(places) ?? null,
  }
  const nothing = {
    host: null,
    domain: null,
    hosts: {},
    names: 0,
    silentSeconds: null,
    nginx: null,
    release: null,
    freeBytes: null,
    gateways: null,
  }
  if (mark === undefined) return { ...known, ...nothing, problem: null }
  try {
    const said = await askGateway(places.pushSocket, 'GET', '/v1/status')
    const { host, domain, names, nginx, stamps, silent, release, free, gateways } = said
    return {
      ...known,
      host: typeof host === 'string' ? host : null,
      domain: typeof domain === 'string' ? domain : null,
      hosts: isObject(stamps) ? texts(stamps) : {},
      names: typeof names === 'number' ? names : 0,
      silentSeconds: typeof silent === 'number' ? silent : null,
      nginx: typeof nginx === 'number' ? versionText(nginx) : null,
      release: typeof release === 'string' ? release : null,
      freeBytes: typeof free === 'number' ? free : null,
      gateways: readGateways(gateways) ?? null,
      problem: null,
    }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { ...known, ...nothing, problem: errorText(error) }
  }
}

function texts(object: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, String(value)]))
}

// 1022001 is 1.22.1.
function versionText(number: number): string {
  return [number / 1_000_000, (number / 1000) % 1000, number % 1000].map(Math.trunc).join('.')
}
