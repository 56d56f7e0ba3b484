// Gathers the contents of the state directory, read-only.

import { formatIp, type Ip, parseIp } from '../../addr/ip.ts'
import { contains, formatPrefix, type Prefix, bareAddress } from '../../addr/prefix.ts'
import { leaseRange, offsetOf, rangeSize } from '../../addr/range.ts'
import type { Facts } from '../../check/facts.ts'
import type { AddressClaim } from '../../check/facts/ipam.ts'
import { collectProven } from '../../host/garbage/collect.ts'
import { makeStaleTest } from '../../host/garbage/stale.ts'
import { type AttachmentRecord, describeKey } from '../../net/attachment.ts'
import { parseAttachment } from '../../net/attachment-text.ts'
import { readText } from '../../state/files/atomic.ts'
import { leasedAddresses, leaseFolder, leaseOf } from '../../state/addresses/leases.ts'
import { livenessOf } from '../../state/liveness.ts'
import { openStore } from '../../state/addresses/store.ts'
import { lostLeases, orphanLeases } from '../../state/addresses/claim-dead.ts'
import type { GatherContext } from '../context.ts'
import { watchLock } from '../lock-watch.ts'
import { believed } from './identity.ts'

/**
 * Gathers leases, records and leaks.
 * @throws CniError when the state cannot be read at all, or belongs to another network namespace
 */
export async function gatherIpam({ get, now }: GatherContext): Promise<Facts['ipam']> {
  const [{ stateDir }, { subnets }] = await Promise.all([get('settings'), believed(get)])
  const { records, damaged } = openStore(stateDir).list()
  const living = records.filter((record) => livenessOf(record) !== 'dead')
  const moment = new Date(now * 1000)
  const { removals } = await collectProven(stateDir, { now: moment, dryRun: true, log: () => undefined })
  const leaked = leakedAddresses(stateDir, records)
  const files = [
    ...damaged.map((path) => unreadable(path, recordProblem(readText(path) ?? ''))),
    ...leasedAddresses(stateDir)
      .filter((ip) => leaseOf(stateDir, ip) === undefined)
      .map((ip) =>
        unreadable(`${leaseFolder(stateDir)}/${formatIp(ip)}`, 'it is not a lease of that address'),
      ),
  ]
  return {
    stateDir,
    subnets: subnets.map((subnet) => use(stateDir, subnet, leaked)),
    claims: living.flatMap(claimsOf),
    // Temporary files hold no address.
    leaks: removals.filter(
      ({ what, why }) => !/^(damaged|temporary) /.test(what) && !why.startsWith('it is damaged'),
    ),
    damaged: files.filter(({ version }) => version === undefined),
    foreign: files.flatMap(({ path, version }) => (version === undefined ? [] : [{ path, version }])),
    withoutLease: living
      .filter(({ phase }) => phase === 'up')
      .flatMap((record) => lostLeases(stateDir, record).map((address) => claim(record, address))),
    lock: await watchLock(`${stateDir}/lock`),
  }
}

// Addresses of dead attachments, and leases without an attachment.
function leakedAddresses(stateDir: string, records: readonly AttachmentRecord[]): readonly Ip[] {
  const whyStale = makeStaleTest({ onlyProven: true })
  const addressesOf = (some: readonly AttachmentRecord[]): readonly string[] =>
    some.flatMap(({ addresses }) => addresses.map(bareAddress))
  const dead = addressesOf(records.filter((record) => whyStale(record) !== undefined))
  const orphans = orphanLeases(stateDir, new Set(addressesOf(records))).map(({ ip }) => ip)
  return [...dead.flatMap((address) => parseIp(address) ?? []), ...orphans]
}

function use(stateDir: string, subnet: Prefix, leaked: readonly Ip[]): Facts['ipam']['subnets'][number] {
  const range = leaseRange(subnet)
  const isIn = (ip: Ip): boolean => {
    if (!contains(subnet, ip)) return false
    const offset = offsetOf(subnet, ip)
    return offset >= BigInt(range.first) && offset <= BigInt(range.last)
  }
  const leased = leasedAddresses(stateDir).filter(isIn).length
  return { subnet: formatPrefix(subnet), size: rangeSize(range), leased, leaked: leaked.filter(isIn).length }
}

function claimsOf(record: AttachmentRecord): readonly AddressClaim[] {
  return record.addresses.map((address) => claim(record, address))
}

function claim(record: AttachmentRecord, address: string): AddressClaim {
  return { address: bareAddress(address), holder: describeKey(record) }
}

function recordProblem(text: string): string {
  const parsed = parseAttachment(text)
  return 'problem' in parsed ? parsed.problem : 'it describes another attachment'
}

// A file that declares another version is not damaged.
function unreadable(
  path: string,
  problem: string,
): { path: string; problem: string; version: string | undefined } {
  try {
    const value = JSON.parse(readText(path) ?? '') as { version?: unknown } | null
    const version = value?.version
    const isOther = version !== undefined && version !== 1
    return { path, problem, version: isOther ? JSON.stringify(version) : undefined }
  } catch {
    return { path, problem, version: undefined }
  }
}
