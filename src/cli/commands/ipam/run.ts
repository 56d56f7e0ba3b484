// `flatnet-cni ipam list|show|release`: the addresses of this host's containers.

import { formatIp } from '../../../addr/ip.ts'
import { CniCode, CniError } from '../../../cni/error.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import { type HeldAddress, type HeldAddresses, heldAddresses } from '../../../host/attachments/addresses.ts'
import { releaseAddress, typedAddress } from '../../../host/attachments/release-address.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import type { Handler } from '../../command.ts'
import { age, moment } from '../../text/figures.ts'
import { drawTable } from '../../text/grid.ts'
import type { Theme } from '../../terminal.ts'

export const list: Handler = async () => {
  refuseRootless()
  const now = new Date()
  const held = heldAddresses(loadSettings({}).stateDir)
  return {
    data: listData(held),
    render: (theme) => listText(theme, held, now),
    exitCode: held.damaged.length === 0 ? 0 : 2,
  }
}

export const show: Handler = async ({ operands }) => {
  const ip = typedAddress(operands[0] ?? '')
  refuseRootless()
  const { stateDir } = loadSettings({})
  const now = new Date()
  const held = heldAddresses(stateDir).addresses.find(({ address }) => address === formatIp(ip))
  if (held === undefined)
    throw new CniError(
      CniCode.ContainerUnknown,
      `${formatIp(ip)} is not leased`,
      'flatnet-cni ipam list shows the leased ones',
    )
  return { data: addressData(held), render: (theme) => addressText(theme, held, now) }
}

export const release: Handler = async (call) => {
  const ip = typedAddress(call.operands[0] ?? '')
  refuseRootless()
  const released = await releaseAddress(loadSettings({}).stateDir, ip, call.has('force'))
  const { addresses, holder, wasAlive } = released
  const rest = wasAlive ? '; that container has lost its network' : ''
  return { data: released, render: () => `released ${addresses.join(', ')} of ${holder}${rest}\n` }
}

/** Returns the list as printed with --json. */
export function listData({ addresses, damaged }: HeldAddresses): object {
  return { addresses: addresses.map(addressData), damaged }
}

function addressData({ address, holder, record, state, why }: HeldAddress): object {
  return {
    address,
    state,
    why,
    network: holder?.network ?? null,
    containerID: holder?.containerID ?? null,
    ifname: holder?.ifname ?? null,
    since: record?.since ?? null,
    hostLink: record?.hostLink ?? null,
    mac: record?.mac ?? null,
    netns: record?.netns.path ?? null,
    containerName: record?.containerName ?? null,
    aliases: record?.aliases ?? [],
    ports: record?.ports ?? [],
  }
}

function listText(theme: Theme, { addresses, damaged }: HeldAddresses, now: Date): string {
  const rows = addresses.map((held) => [
    held.address,
    painted(theme, held),
    held.holder?.network ?? '-',
    held.holder?.containerID.slice(0, 12) ?? '-',
    held.holder?.ifname ?? '-',
    held.record === undefined ? '-' : age(held.record.since, now),
    held.why,
  ])
  const head = ['ADDRESS', 'STATE', 'NETWORK', 'CONTAINER', 'LINK', 'SINCE', 'WHY']
  const broken = damaged.map(
    ({ path, problem }) => `${theme.bad('✗')} ${path}: ${problem}; a DEL of its container removes it
`,
  )
  const left = addresses.some(({ state }) => state === 'stale' || state === 'orphan')
  return [
    addresses.length === 0 ? 'no address is leased\n' : drawTable(theme, head, rows),
    ...broken,
    left ? theme.dim('flatnet-cni gc removes what is stale or orphaned\n') : '',
  ].join('')
}

function addressText(theme: Theme, held: HeldAddress, now: Date): string {
  const { address, holder, record, why } = held
  const rows: (readonly [string, string])[] = [
    ['Address', theme.strong(address)],
    ['State', why === '' ? painted(theme, held) : `${painted(theme, held)}: ${why}`],
    ['Network', holder?.network ?? '-'],
    ['Container', holder?.containerID ?? '-'],
    ['Link', holder?.ifname ?? '-'],
  ]
  if (record !== undefined) {
    const ports = (record.ports ?? []).map(({ hostIp, hostPort, containerPort, protocol }) => {
      const host = hostIp === undefined ? '' : `${hostIp}:`
      return `${host}${String(hostPort)}→${String(containerPort)}/${protocol}`
    })
    rows.push(
      ['Addresses', record.addresses.join(', ')],
      ['Host link', record.hostLink === '' ? 'made by another plugin' : record.hostLink],
      ['MAC', record.mac],
      ['Namespace', record.netns.path],
      ['Names', [record.containerName ?? [], record.aliases ?? []].flat().join(', ') || '-'],
      ['Ports', ports.join(', ') || '-'],
      ['Since', `${moment(record.since, now)} (${age(record.since, now)})`],
    )
  }
  return rows.map(([name, text]) => `${name.padEnd(11)}${text}\n`).join('')
}

function painted(theme: Theme, { state }: HeldAddress): string {
  if (state === 'up') return theme.good(state)
  return state === 'unreadable' ? theme.bad(state) : theme.warn(state)
}
