// Programs of the host that listen on a published port. The kernel redirects a packet before it looks for a
// listener, so such a program receives nothing and sees no error.

import type { Family } from '../../addr/ip.ts'
import { parsePrefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { SETTINGS_FILE } from '../../config/settings.ts'
import { inet6OnlySockets } from '../../exec/network/ss.ts'
import type { Listener, SocketProtocol } from '../../ip/proc-sockets.ts'
import { callers } from '../../kernel/presence.ts'
import { holdersOf, readListeners, type SocketHolder } from '../../kernel/sockets.ts'
import type { Log } from '../../log.ts'
import type { AttachmentRecord } from '../../net/attachment.ts'
import { describeHostPort, type PortMapping } from '../../net/ports/mapping.ts'
import { areRivals, describeListener, isDualStack } from '../../net/ports/rivals.ts'

const CONMON = 'conmon'
const PODMAN = 'podman'

/** A published port on which a program of the host listens, too. */
interface HostProgram {
  readonly record: AttachmentRecord
  readonly mapping: PortMapping
  readonly listener: Listener
  /** The process that holds the socket; undefined if it cannot be seen from here. */
  readonly holder: SocketHolder | undefined
}

/** Returns every pair of a port of these attachments and a listener of the host. */
export async function hostPrograms(records: readonly AttachmentRecord[]): Promise<readonly HostProgram[]> {
  const listeners = listenersByPort(records)
  const found = records.flatMap((record) =>
    (record.ports ?? []).flatMap((mapping) =>
      (listeners.get(portOf(mapping.protocol, mapping.hostPort)) ?? [])
        .filter((listener) => areRivals(mapping, familiesOf(record), listener))
        .map((listener) => ({ record, mapping, listener })),
    ),
  )
  if (found.length === 0) return []
  const holders = holdersOf(new Set(found.map(({ listener }) => listener.inode)), CONMON)
  const foreign = found
    .map((rivals) => ({ ...rivals, holder: holders.get(rivals.listener.inode) }))
    .filter(({ record, holder }) => !isConmonOf(record.containerID, holder) && !isCaller(holder))
  if (!foreign.some(({ listener }) => isDualStack(listener))) return foreign
  const inet6Only = await inet6OnlySockets()
  return foreign.filter(({ record, mapping, listener }) =>
    areRivals(mapping, familiesOf(record), { ...listener, inet6Only: inet6Only.has(listener.inode) }),
  )
}

/**
 * Refuses an attachment if a program of the host listens on one of its ports.
 * @param isTakenOver only warn, because the settings allow it
 * @throws CniError PortTaken that names port, address and process
 */
export async function refuseHostPrograms(
  record: AttachmentRecord,
  { isTakenOver, log }: { readonly isTakenOver: boolean; readonly log: Log },
): Promise<void> {
  const found = await hostPrograms([record])
  const [first] = found
  if (first === undefined) return
  const others = new Set(found.map(({ mapping }) => mapping)).size - 1
  const more = others === 0 ? '' : `, and programs on ${String(others)} more of these ports`
  const seen = `${describeHostPort(first.mapping)}: ${describeProgram(first)}${more}`
  if (isTakenOver) {
    log('warn', 'a published port is taken from a program of this host', { error: seen })
    return
  }
  throw new CniError(
    CniCode.PortTaken,
    'host port is taken',
    `${seen}; stop it, or choose another host port ` +
      `("takeOverPorts": true in ${SETTINGS_FILE} publishes it all the same)`,
  )
}

/** Describes the program for people: "nginx (process 412) of this host listens on 0.0.0.0:80". */
export function describeProgram({ listener, holder }: Pick<HostProgram, 'listener' | 'holder'>): string {
  const who = holder === undefined ? 'a program' : `${holder.name} (process ${String(holder.pid)})`
  return `${who} of this host listens on ${describeListener(listener)}`
}

function listenersByPort(records: readonly AttachmentRecord[]): ReadonlyMap<string, readonly Listener[]> {
  const protocols = new Set(records.flatMap(({ ports = [] }) => ports.map(({ protocol }) => protocol)))
  const found = new Map<string, Listener[]>()
  for (const listener of readListeners((['tcp', 'udp'] as const).filter((each) => protocols.has(each)))) {
    const key = portOf(listener.protocol, listener.port)
    const others = found.get(key)
    if (others === undefined) found.set(key, [listener])
    else others.push(listener)
  }
  return found
}

function portOf(protocol: SocketProtocol | PortMapping['protocol'], port: number): string {
  return `${protocol} ${String(port)}`
}

function familiesOf({ addresses }: AttachmentRecord): readonly Family[] {
  return addresses.flatMap((address) => parsePrefix(address)?.family ?? [])
}

// podman 4 binds the ports of a container itself after ADD, so that no other program can, and leaves the
// sockets to the container's conmon. `network reload` and `network connect` call ADD while conmon holds them.
function isConmonOf(containerID: string, holder: SocketHolder | undefined): boolean {
  return holder?.name === CONMON && holder.args.includes(containerID)
}

// podman 5 binds the ports before it calls netavark, and hands them to conmon once the container runs.
function isCaller(holder: SocketHolder | undefined): boolean {
  return holder?.name === PODMAN && callers().has(holder.pid)
}
