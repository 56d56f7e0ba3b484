// Garbage collection: finds what no container uses any more and removes it, for the verb GC and for
// `flatnet-cni gc`. A failure does not stop it; all failures are reported at the end.

import { unixSeconds } from '../../unix-time.ts'
import { CniCode, CniError, errorText } from '../../cni/error.ts'
import { loadSettings } from '../identity/settings.ts'
import { formatIp } from '../../addr/ip.ts'
import { formatPrefix, bareAddress } from '../../addr/prefix.ts'
import type { JsonObject } from '../../json.ts'
import type { Log } from '../../log.ts'
import {
  type AttachmentKey,
  type AttachmentRecord,
  describeKey,
  hostLinkName,
  keyText,
} from '../../net/attachment.ts'
import { isLeftover } from '../../state/addresses/damaged-record.ts'
import { keyOfPath } from '../../state/addresses/records.ts'
import { openStore } from '../../state/addresses/store.ts'
import { orphanLeases, removeOrphanLease } from '../../state/addresses/claim-dead.ts'
import { removeTemporary } from '../../state/files/temporary.ts'
import { detachLinks } from '../attachments/attach.ts'
import { retire } from './earlier-subnets.ts'
import { loadIdentity } from '../identity/identity.ts'
import { orphanLinks } from './orphan-links.ts'
import { claimAndRemove } from '../attachments/remove-claimed.ts'
import { refuseWrongNamespace } from './right-namespace.ts'
import { makeStaleTest } from './stale.ts'
import { temporariesOfEnded } from './temporaries.ts'

/** The scope of a collection. */
interface CollectOptions {
  /** The settings keys of the network configuration. */
  readonly own: JsonObject
  readonly stateDir: string
  /** The only network to collect. If left out, all of them. */
  readonly network?: string
  /** Attachments that the runtime lists as in use. */
  readonly valid: readonly AttachmentKey[]
  readonly now: Date
  /** No runtime lists anything: collect only what is proven dead, and leave empty namespaces. */
  readonly onlyProven?: boolean
  /** Only report what would be removed. */
  readonly dryRun: boolean
  readonly log: Log
}

/** A removed thing, in words: what it was, and the proof that it was unused. */
interface Removal {
  readonly what: string
  readonly why: string
}

/** The result of a collection. `notes` are neither removals nor failures. */
export interface Collection {
  readonly removals: readonly Removal[]
  readonly failures: readonly string[]
  readonly notes: readonly string[]
}

/**
 * Collects only what is proven dead, in every network, for a caller without a runtime's list.
 * @throws CniError as {@link collect}
 */
export function collectProven(
  stateDir: string,
  { now, dryRun, log }: Pick<CollectOptions, 'now' | 'dryRun' | 'log'>,
): Promise<Collection> {
  return collect({ own: {}, stateDir, valid: [], now, onlyProven: true, dryRun, log })
}

/** Collects garbage. @throws CniError if the state cannot be read, or belongs to another namespace */
export async function collect(options: CollectOptions): Promise<Collection> {
  const { stateDir, network } = options
  const { records, damaged } = openStore(stateDir).list()
  refuseWrongNamespace(records)
  const work: Work = { options, removals: [], failures: [], notes: [], isLocked: false }
  const isOurs = (key: AttachmentKey): boolean => network === undefined || key.network === network
  const valid = new Set(options.valid.map(keyText))

  const whyStale = makeStaleTest({ onlyProven: options.onlyProven ?? false })
  const stale = records.flatMap((record) => {
    const why = isOurs(record) && !valid.has(keyText(record)) ? whyStale(record) : undefined
    return why === undefined ? [] : [{ record, why }]
  })
  for (const { record, why } of stale) await collectAttachment(work, record, why)
  for (const path of damaged) await collectDamaged(work, path, isOurs, valid)

  const known = new Set(records.flatMap(({ addresses }) => addresses.map(bareAddress)))
  await collectLeases(work, known, (key) => key === undefined || (isOurs(key) && !valid.has(keyText(key))))
  await collectLinks(work, [...records, ...damaged.flatMap((path) => keyOfPath(path) ?? [])], (key) => {
    return isOurs(key) && !valid.has(keyText(key))
  })
  await collectSubnets(work)
  await collectTemporaries(work)
  return work
}

interface Work {
  readonly options: CollectOptions
  readonly removals: Removal[]
  readonly failures: string[]
  readonly notes: string[]
  /** Whether the lock stays taken. Waiting for it again for every item would not help. */
  isLocked: boolean
}

async function attempt(work: Work, what: string, why: string, remove: () => Promise<boolean>): Promise<void> {
  if (work.isLocked) return
  try {
    if (work.options.dryRun || (await remove())) work.removals.push({ what, why })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    work.isLocked = error.code === CniCode.TryAgainLater
    work.failures.push(`${what}: ${errorText(error)}`)
  }
}

function collectAttachment(work: Work, record: AttachmentRecord, why: string): Promise<void> {
  const what = `attachment ${describeKey(record)} (${record.addresses.join(', ')})`
  return attempt(work, what, why, () => claimAndRemove(work.options.stateDir, record))
}

// A record that cannot be read may belong to a living container, unless it is from before this boot.
async function collectDamaged(
  work: Work,
  path: string,
  isOurs: (key: AttachmentKey) => boolean,
  valid: ReadonlySet<string>,
): Promise<void> {
  const key = keyOfPath(path)
  if (key !== undefined && !isOurs(key)) return
  if (key !== undefined && !valid.has(keyText(key)) && isLeftover(path, key)) {
    await attempt(work, `damaged record ${path}`, 'it is from before this boot', async () => {
      await openStore(work.options.stateDir).release(key)
      return true
    })
  } else {
    work.failures.push(
      `${path}: damaged, and its container may live; a DEL of the container removes the record; ` +
        'if the container no longer exists, remove the file by hand',
    )
  }
}

async function collectLeases(
  work: Work,
  known: ReadonlySet<string>,
  isWanted: (key: AttachmentKey | undefined) => boolean,
): Promise<void> {
  const { stateDir } = work.options
  for (const { ip, key } of orphanLeases(stateDir, known).filter((orphan) => isWanted(orphan.key))) {
    const why =
      key === undefined
        ? 'it is damaged, and no record claims it'
        : `there is no record of ${describeKey(key)}`
    await attempt(work, `lease of ${formatIp(ip)}`, why, () => removeOrphanLease(stateDir, ip))
  }
}

async function collectLinks(
  work: Work,
  known: readonly AttachmentKey[],
  isWanted: (key: AttachmentKey) => boolean,
): Promise<void> {
  const names = new Set(known.map(hostLinkName))
  for (const { name, key } of await orphanLinks((link) => names.has(link.name) || !isWanted(link.key))) {
    const why = `there is no record of ${describeKey(key)}, and no process is at its other end`
    await attempt(work, `link ${name}`, why, async () => {
      await detachLinks(name)
      return true
    })
  }
}

// Collects temporaries of every network.
async function collectTemporaries(work: Work): Promise<void> {
  const { stateDir, own } = work.options
  for (const path of temporariesOfEnded(stateDir, own)) {
    await attempt(work, `temporary ${path}`, 'the process that made it has ended', () => {
      removeTemporary(path)
      return Promise.resolve(true)
    })
  }
}

// This alone needs the certificate. Without a valid one it is left for another time.
async function collectSubnets(work: Work): Promise<void> {
  const { own, now, dryRun } = work.options
  try {
    const settings = loadSettings(own)
    const { subnets } = await loadIdentity(settings, unixSeconds(now))
    const { retired, inUse } = await retire(settings, subnets, dryRun)
    const current = subnets.map(formatPrefix).join(' and ')
    for (const subnet of retired.map(formatPrefix)) {
      work.removals.push({
        what: `address of ${settings.bridge} in ${subnet}`,
        why: `the certificate has ${current} now, and nothing is leased from the earlier subnet`,
      })
    }
    for (const subnet of inUse.map(formatPrefix)) {
      work.notes.push(
        `${subnet} of an earlier certificate is still in use; ` +
          `start its containers again to move them to ${current}`,
      )
    }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    work.notes.push(`earlier subnets not checked: ${errorText(error)}`)
  }
}
