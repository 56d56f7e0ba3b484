// `flatnet-cni ps`: lists containers with their names, addresses and ports, on this host or on all.

import { unixSeconds } from '../../../unix-time.ts'
import { askAgent } from '../../../api/client.ts'
import {
  type ContainersView,
  type ContainerView,
  isContainerView,
  type PortView,
} from '../../../views/containers.ts'
import { CniCode, CniError, errorText } from '../../../cni/error.ts'
import type { Settings } from '../../../config/settings.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import { listContainers, type NamedContainers } from '../../../host/attachments/containers.ts'
import { loadIdentity } from '../../../host/identity/identity.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import type { Handler } from '../../command.ts'
import { age } from '../../text/figures.ts'
import { drawTable } from '../../text/grid.ts'
import type { Theme } from '../../terminal.ts'

const MOST_TROUBLES = 5

type Listing = Omit<ContainersView, 'version'> & Pick<NamedContainers, 'unnamed'>

export const ps: Handler = async (call, terminal) => {
  refuseRootless()
  const settings = loadSettings({})
  const now = new Date()
  const isAll = call.has('all')
  if (isAll) terminal.progress('asking the agent')
  const listing = isAll ? await everywhere(settings, now) : await here(settings, now)
  return {
    data: listing,
    render: (theme) => listingText(theme, listing, isAll, now),
    exitCode: listing.silent.length === 0 ? 0 : 2,
  }
}

async function here(settings: Settings, now: Date): Promise<Listing> {
  return { ...(await listContainers(settings.stateDir, await ownName(settings, now))), silent: [] }
}

// Containers are listed even if the certificate is unusable.
async function ownName(settings: Settings, now: Date): Promise<string> {
  try {
    return (await loadIdentity(settings, unixSeconds(now))).name
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
        ...(await withOwn(said.containers.filter(isContainerView), settings, now)),
        silent: said.silent,
      }
    throw new CniError(
      CniCode.AgentUnreachable,
      'agent of another version',
      'its answer cannot be read; restart it: systemctl restart flatnet-agent',
    )
  } catch (error) {
    // An older agent does not know this request.
    const isAway =
      error instanceof CniError &&
      [CniCode.AgentUnreachable, CniCode.UnsupportedField].some((code) => code === error.code)
    if (!isAway) throw error
    const own = await here(settings, now)
    return { ...own, silent: [{ host: 'all other hosts', reason: errorText(error) }] }
  }
}

// A hardened unit may prevent the agent from asking the runtimes, but this command can.
async function withOwn(
  told: readonly ContainerView[],
  settings: Settings,
  now: Date,
): Promise<NamedContainers> {
  const { containers: own, unnamed } = await here(settings, now)
  const attachment = ({ network, id, ifname }: ContainerView): string => [network, id, ifname].join(' ')
  const known = new Set(own.map(attachment))
  return { containers: [...own, ...told.filter((each) => !known.has(attachment(each)))], unnamed }
}

function listingText(
  theme: Theme,
  { containers, silent, unnamed }: Listing,
  isAll: boolean,
  now: Date,
): string {
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
  const nameless = unnamed.map(
    ({ runtime, reason }) =>
      `${theme.warn('!')} names of ${runtime}'s containers may be missing: ${reason}\n`,
  )
  const table = containers.length === 0 ? 'no containers\n' : drawTable(theme, head, rows)
  return `${table}${[...troubleLines(theme, containers), ...missing, ...nameless].join('')}`
}

// One line for each port with a mark, but no more than a few.
function troubleLines(theme: Theme, containers: readonly ContainerView[]): readonly string[] {
  const lines = containers.flatMap(({ id, names, ports }) =>
    ports.flatMap((port) => {
      const says = port.trouble?.says.replaceAll(/\s+/g, ' ')
      return says === undefined ? [] : [`${names[0] ?? id.slice(0, 12)} ${portText(port)}: ${says}`]
    }),
  )
  const more = lines.length - MOST_TROUBLES
  return [
    ...lines.slice(0, MOST_TROUBLES).map((line) => `${theme.warn('!')} ${line}\n`),
    ...(more > 0 ? [`${theme.warn('!')} and ${String(more)} more ports\n`] : []),
    ...(lines.length > 0 ? [`${theme.dim('what to do: flatnet-cni check --group IPAM')}\n`] : []),
  ]
}

function stateText(theme: Theme, { state }: ContainerView): string {
  return state === 'up' ? theme.good(state) : theme.warn(state)
}

/** Returns "8080→80/tcp", "127.0.0.1:53→53/udp", or either with "!" if something is the matter. */
function portText({ protocol, hostPort, containerPort, hostIp, trouble }: PortView): string {
  const host = hostIp === null ? '' : hostIp.includes(':') ? `[${hostIp}]:` : `${hostIp}:`
  const mark = trouble === undefined || trouble === null ? '' : '!'
  return `${host}${String(hostPort)}→${String(containerPort)}/${protocol}${mark}`
}
