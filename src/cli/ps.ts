// `flatnet-cni ps`: containers with their names, addresses and ports, on this host or on all.

import { askAgent } from '../api/client.ts'
import { type ContainersView, type ContainerView, isContainerView, type PortView } from '../api/containers.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import { refuseRootless } from '../exec/proc.ts'
import { listContainers } from '../host/containers.ts'
import { loadIdentity } from '../host/identity.ts'
import { loadSettings } from '../host/settings.ts'
import type { Handler } from './command.ts'
import { age } from './figures.ts'
import { drawTable } from './grid.ts'
import type { Theme } from './terminal.ts'

type Listing = Omit<ContainersView, 'version'>

export const ps: Handler = async (call, terminal) => {
  refuseRootless()
  const settings = loadSettings({})
  const now = new Date()
  const isAll = call.has('all')
  if (isAll) terminal.progress('asking the other hosts')
  const listing = isAll ? await everywhere(settings, now) : await here(settings, now)
  return {
    data: listing,
    render: (theme) => listingText(theme, listing, isAll, now),
    exitCode: listing.silent.length === 0 ? 0 : 2,
  }
}

async function here(settings: Settings, now: Date): Promise<Listing> {
  return {
    containers: await listContainers(settings.stateDir, await ownName(settings, now), now),
    silent: [],
  }
}

// Containers are listed also where the certificate is unusable.
async function ownName(settings: Settings, now: Date): Promise<string> {
  try {
    return (await loadIdentity(settings, Math.floor(now.getTime() / 1000))).name
  } catch (error) {
    if (error instanceof CniError) return 'this host'
    throw error
  }
}

async function everywhere(settings: Settings, now: Date): Promise<Listing> {
  try {
    const said = (await askAgent(settings.runDir, 'GET', '/v1/containers?all=1', {
      timeoutMs: 15_000,
    })) as Partial<ContainersView>
    if (said.version === 1 && Array.isArray(said.containers) && Array.isArray(said.silent))
      return {
        containers: await withOwn(said.containers.filter(isContainerView), settings, now),
        silent: said.silent,
      }
    throw new CniError(
      CniCode.AgentUnreachable,
      'agent of another version',
      'what it says is not understood; restart it: systemctl restart flatnet-agent',
    )
  } catch (error) {
    // An agent that does not know the question is an older one.
    const isAway =
      error instanceof CniError &&
      [CniCode.AgentUnreachable, CniCode.UnsupportedField].some((code) => code === error.code)
    if (!isAway) throw error
    const own = await here(settings, now)
    return { ...own, silent: [{ host: 'all other hosts', reason: `${error.message}: ${error.details}` }] }
  }
}

// The agent may not be let to ask the runtimes (its unit is hardened), this command is.
async function withOwn(
  told: readonly ContainerView[],
  settings: Settings,
  now: Date,
): Promise<readonly ContainerView[]> {
  const { containers: own } = await here(settings, now)
  const attachment = ({ network, id, ifname }: ContainerView): string => [network, id, ifname].join(' ')
  const known = new Set(own.map(attachment))
  return [...own, ...told.filter((each) => !known.has(attachment(each)))]
}

function listingText(theme: Theme, { containers, silent }: Listing, isAll: boolean, now: Date): string {
  const head = [
    ...(isAll ? ['HOST'] : []),
    'NAME',
    'CONTAINER',
    'ADDRESS',
    'PORTS',
    'NETWORK',
    'SINCE',
    'STATE',
  ]
  const rows = containers.map((each) => [
    ...(isAll ? [each.host] : []),
    each.names.join(', ') || '-',
    each.id.slice(0, 12),
    each.addresses.join(' '),
    each.ports.map(portText).join(' ') || '-',
    each.network,
    age(each.since, now),
    stateText(theme, each),
  ])
  const missing = silent.map(({ host, reason }) => `${theme.bad('✗')} ${host}: ${reason}\n`)
  return `${containers.length === 0 ? 'no containers\n' : drawTable(theme, head, rows)}${missing.join('')}`
}

function stateText(theme: Theme, { state }: ContainerView): string {
  return state === 'up' ? theme.good(state) : theme.warn(state)
}

/** "8080→80/tcp", "127.0.0.1:53→53/udp" */
function portText({ protocol, hostPort, containerPort, hostIp }: PortView): string {
  const host = hostIp === null ? '' : hostIp.includes(':') ? `[${hostIp}]:` : `${hostIp}:`
  return `${host}${String(hostPort)}→${String(containerPort)}/${protocol}`
}
