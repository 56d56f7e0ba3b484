// Plans what join does to Windows: asks Windows, changes nothing.

import { hash } from 'node:crypto'
import { CniCode, CniError } from '../../cni/error.ts'
import { parseHttpGatewaySettings } from '../../config/http-gateway-settings.ts'
import { ipShow } from '../../exec/network/ip.ts'
import { loadSettings } from '../../host/identity/settings.ts'
import { subnetsInPools } from '../../nebula/hosts/host-subnet.ts'
import { parseShown } from '../../ip/show.ts'
import type { CheckedBundle } from '../../provision/bundle/contents.ts'
import type { Wanted } from '../../provision/host/step.ts'
import type { Surroundings } from '../../provision/host/surroundings.ts'
import { listenPort } from '../../provision/host/wanted.ts'
import { planWindows, WANTED_FILE, type WindowsPlan } from '../../provision/windows/plan.ts'
import { renderSetup } from '../../provision/windows/render.ts'
import { renderPlaces, renderWanted, type SyncPlaces } from '../../provision/windows/sync-files.ts'
import { PLACES_FILE } from '../../state/joined/windows-places.ts'
import type { ShippedFiles } from '../../shipped-files.ts'
import { askFacts, distributionHere, pathHere } from './interop.ts'

/** What a host that joins does with Windows: print how to set it up, do it, or nothing. */
export type WindowsWay = 'print' | 'run' | 'skip'

/** The setup script, for people who set Windows up by hand. */
export const SETUP_FILE = '/etc/flatnet/windows-setup.ps1'

export interface WindowsJoin extends WindowsPlan {
  readonly distribution: string
  readonly way: Exclude<WindowsWay, 'skip'>
  readonly setup: Buffer
  /** Windows' own folder for temporary files, by its name there and here. */
  readonly temp: { readonly there: string; readonly here: string }
  /** report.json, as it is seen here. */
  readonly report: string
  readonly places: SyncPlaces
  /** What the agent will ask for first. */
  readonly firstWanted: string
}

// RFC 5737: only the default route leads there. Nothing is sent.
const ELSEWHERE = '192.0.2.1'

/** Plans. @throws CniError where Windows does not answer, or answers what cannot be used */
export async function planWindowsSide(
  { bundle, certificate, pools }: CheckedBundle,
  surroundings: Surroundings,
  shipped: ShippedFiles,
  way: WindowsJoin['way'],
): Promise<WindowsJoin> {
  const facts = await askFacts(shipped.windowsFacts)
  const [route] = parseShown<{ readonly prefsrc?: string; readonly gateway?: string }>(
    await ipShow(['route', 'get', ELSEWHERE]),
  )
  const { httpGateway } = loadSettings({})
  const host = {
    mode: surroundings.wsl,
    distribution: await distributionHere(),
    address: route?.prefsrc ?? '',
    gateway: route?.gateway ?? '',
    pools,
    subnets: subnetsInPools(certificate, pools),
    isLighthouse: bundle.role === 'lighthouse',
    nebulaPort: listenPort(bundle, surroundings),
    httpPort: parseHttpGatewaySettings(httpGateway.value, httpGateway.path).port,
  }
  const plan = planWindows(facts, host, [])
  const programs = `${await pathHere(facts.programs)}/flatnet`
  const own = plan.steps.flatMap((step) =>
    step.kind === 'route' ? [{ destination: step.destination, nextHop: step.nextHop }] : [],
  )
  return {
    ...plan,
    way,
    distribution: host.distribution,
    setup: renderSetup(plan, shipped),
    temp: { there: facts.temp, here: await pathHere(facts.temp) },
    report: `${programs}/report.json`,
    places: {
      wanted: `${await pathHere(facts.localData)}/${WANTED_FILE.replaceAll('\\', '/')}`,
      status: `${programs}/status.json`,
    },
    firstWanted: renderWanted(host.address, own),
  }
}

/** Returns the files on this host that belong to it. */
export function windowsPaths({ setup, places }: WindowsJoin): readonly Wanted[] {
  const file = (path: string, text: string, what: string): Wanted => ({
    kind: 'file',
    path,
    mode: 0o644,
    what,
    content: { text, sha256: hash('sha256', text) },
  })
  return [
    file(PLACES_FILE, renderPlaces(places), 'where the agent and leave find Windows'),
    file(SETUP_FILE, setup.toString('utf8'), 'sets Windows up; run it there as administrator'),
  ]
}

/** @throws CniError for a way that this host does not have */
export function refuseWithoutWsl(way: WindowsWay, { wsl }: Surroundings): void {
  if (way === 'skip' || wsl !== 'none') return
  throw new CniError(
    CniCode.InvalidEnvironment,
    'no Windows here',
    `--windows ${way}: this host is not WSL2; leave the option out`,
  )
}
