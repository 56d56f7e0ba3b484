// Gathers Nebula's processes and its interface.

import { formatPrefix, networkOf, contains } from '../../addr/prefix.ts'
import type { Facts } from '../../check/facts.ts'
import type { LinkFacts } from '../../check/facts/links.ts'
import type { NebulaProcess } from '../../check/facts/nebula.ts'
import { CniError } from '../../cni/error.ts'
import { AGENT_DEFAULTS, parseAgentSettings } from '../../config/agent-settings.ts'
import type { Settings } from '../../config/settings.ts'
import { installedNebula, nebulaVersion } from '../../exec/nebula/nebula-version.ts'
import { NEBULA_MTU } from '../../host/network/network.ts'
import type { GatherContext } from '../context.ts'
import { findNebula } from '../../kernel/nebula/processes.ts'
import { believed } from './identity.ts'

export async function gatherNebula({ get }: GatherContext): Promise<Facts['nebula']> {
  const [settings, identity, links] = await Promise.all([get('settings'), believed(get), get('links')])
  const overlay = identity.overlay.map(formatPrefix)
  const wantedDevice = settings.nebula.device
  const byName = (name: string): LinkFacts | undefined => links.find((link) => link.name === name)
  const holds = ({ addresses }: LinkFacts): boolean =>
    addresses.some((address) => overlay.includes(formatPrefix(address)))
  const isNear = ({ addresses }: LinkFacts): boolean =>
    addresses.some((address) => identity.overlay.some((own) => contains(networkOf(own), address)))
  const guess = wantedDevice === 'auto' ? (links.find(holds) ?? links.find(isNear)) : byName(wantedDevice)
  const found = findNebula(guess?.name)
  const here = found.filter(({ isHere }) => isHere)
  const own = here.find(({ devices }) => devices.includes(guess?.name ?? '')) ?? here[0]
  const link =
    guess ?? (wantedDevice === 'auto' ? own?.devices.flatMap((name) => byName(name) ?? [])[0] : undefined)
  const processes = await Promise.all(found.map((each) => asked(each, each === own)))
  return {
    processes,
    own: own === undefined ? undefined : processes[found.indexOf(own)],
    installed: own === undefined ? await installed() : undefined,
    wantedDevice,
    link: link && { ...addressed(link), isUp: link.isUp && link.hasCarrier, mtuBytes: link.mtuBytes },
    otherLinks: links.filter(({ name }) => name !== link?.name && name !== 'lo').map(addressed),
    overlay,
    subnets: identity.subnets.map(formatPrefix),
    pools: settings.pools.map(formatPrefix),
    bridge: settings.bridge,
    containerMtuBytes: settings.mtu === 'auto' ? (link?.mtuBytes ?? NEBULA_MTU) : settings.mtu,
    agentPort: agentPort(settings),
  }
}

async function asked(process: ReturnType<typeof findNebula>[number], isOwn: boolean): Promise<NebulaProcess> {
  const none = { version: undefined, silent: undefined }
  // Its path leads to another file on this host, or to none.
  if (isOwn && process.isContained)
    return { ...process, ...none, silent: 'it runs in a container, so its version is unknown' }
  return isOwn
    ? { ...process, ...none, ...(await nebulaVersion(process.executable)) }
    : { ...process, ...none }
}

async function installed(): Promise<Facts['nebula']['installed']> {
  const found = await installedNebula()
  return found !== undefined && 'version' in found
    ? { executable: found.executable, version: found.version }
    : undefined
}

function addressed({ name, addresses }: LinkFacts): { name: string; addresses: readonly string[] } {
  return { name, addresses: addresses.map(formatPrefix).filter((text) => !/^fe[89ab]/.test(text)) }
}

// The agent itself reports an invalid object "agent".
function agentPort({ agent: { value, path } }: Settings): number {
  try {
    return parseAgentSettings(value, path).port
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return AGENT_DEFAULTS.port
  }
}
