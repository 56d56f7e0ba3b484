// Fills a state directory with leases and records of attachments that do not exist, via the store's
// own functions.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { addressAt, formatPrefix, type Prefix, parsePrefix } from '../../../../src/addr/prefix.ts'
import { leaseRange } from '../../../../src/addr/range.ts'
import { type AttachmentRecord, hostLinkName } from '../../../../src/net/attachment.ts'
import { sortedJson } from '../../../../src/net/attachment-text.ts'
import { macOf } from '../../../../src/net/plan.ts'
import { createLease, leaseFolder } from '../../../../src/state/addresses/leases.ts'
import { bootId, thisProcess } from '../../../../src/kernel/presence.ts'
import { recordPath } from '../../../../src/state/addresses/records.ts'

/**
 * Leases the first `count` addresses of the subnet's range, one per container.
 * @throws Error when they do not fit
 */
export function fillLeases(stateDir: string, subnetText: string, count: number): void {
  const subnet = parsePrefix(subnetText)
  if (subnet === undefined) throw new TypeError(`${subnetText} is not a subnet`)
  const { first, last } = leaseRange(subnet)
  if (last - first + 1 < count) throw new Error(`${subnetText} has no room for ${count} leases`)
  mkdirSync(leaseFolder(stateDir), { recursive: true })
  const since = new Date().toISOString()
  for (let index = 0; index < count; index++) {
    const ip = addressAt(subnet, first + index)
    const record = recordOf(`held-${index}`, { ...ip, length: subnet.length }, since)
    const path = recordPath(stateDir, record)
    if (index === 0) mkdirSync(dirname(path), { recursive: true })
    // Not createRecord: it syncs to disk each time, and 60,000 calls would take minutes.
    writeFileSync(path, sortedJson(record), { mode: 0o600 })
    if (!createLease(stateDir, ip, record, since)) throw new Error(`${formatPrefix(subnet)}: leased already`)
  }
}

function recordOf(containerID: string, address: Prefix, since: string): AttachmentRecord {
  const key = { network: 'flatnet', containerID, ifname: 'eth0' }
  return {
    ...key,
    version: 1,
    phase: 'up',
    bootId: bootId(),
    netns: { path: `/run/netns/${containerID}`, device: '4', inode: '4026531840' },
    hostLink: hostLinkName(key),
    mac: macOf(address),
    addresses: [formatPrefix(address)],
    bridge: 'flatnet0',
    owner: thisProcess(),
    since,
  }
}
