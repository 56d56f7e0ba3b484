// Garbage collection: finds what no container uses any more and removes it, for the verb GC and for `flatnet-cni gc`.
// What can be removed is, whatever fails beside it; everything that failed is told at the end.

import { CniCode, CniError } from '../cni/error.ts'
import { loadSettings } from './settings.ts'
import { formatIp } from '../addr/ip.ts'
import { formatPrefix } from '../addr/prefix.ts'
import type { JsonObject } from '../config/shape.ts'
import type { Log } from '../log.ts'
import {
  type AttachmentKey,
  type AttachmentRecord,
  describeKey,
  hostLinkName,
  keyText,
} from '../net/attachment.ts'
import { isFromEarlierBoot, linkExists } from '../state/liveness.ts'
import { keyOfPath } from '../state/records.ts'
import { openStore } from '../state/store.ts'
import { orphanLeases, removeOrphanLease } from '../state/sweep.ts'
import { detachLinks } from './attach.ts'
import { retire } from './earlier-subnets.ts'
import { loadIdentity } from './identity.ts'
import { orphanLinks } from './orphan-links.ts'
import { removeAttachment } from './remove-attachment.ts'
import { refuseWrongNamespace } from './right-namespace.ts'
import { makeStaleTest } from './stale.ts'

/** What to collect. */
export interface CollectOptions {
  /** The settings keys of the network configuration. */
  readonly own: JsonObject
  readonly stateDir: string
  /** One network only; every network when left out. */
  readonly network?: string
  /** Attachments that a runtime vouches for. */
  readonly valid: readonly AttachmentKey[]
  readonly now: Date
  /** Nobody vouches for anything: only what is proven dead, whatever stands empty. */
  readonly onlyProven?: boolean
  /** Only say what would be removed. */
  readonly dryRun: boolean
  readonly log: Log
}

/** One thing removed, in words: what it was, and how it is known that nobody uses it. */
export interface Removal {
  readonly what: string
  readonly why: string
}

/** What came of it. `notes` are things to know that are neither removed nor wrong. */
export interface Collection {
  readonly removals: readonly Removal[]
  readonly failures: readonly string[]
  readonly notes: readonly string[]
}

/**
 * Collects what is proven dead and nothing else, of every network: for whoever acts without a runtime's word.
 * @throws CniError as {@link collect}
 */
export function collectProven(
  stateDir: string,
  { now, dryRun, log }: Pick<CollectOptions, 'now' | 'dryRun' | 'log'>,
): Promise<Collection> {
  return collect({ own: {}, stateDir, valid: [], now, onlyProven: true, dryRun, log })
}

/** Collects. @throws CniError only when the state cannot be read at all, or is another namespace's */
export async function collect(options: CollectOptions): Promise<Collection> {
  const { stateDir, network } = options
  const { records, damaged } = openStore(stateDir).list()
  refuseWrongNamespace(records)
  const work: Work = { options, removals: [], failures: [], notes: [], isLocked: false }
  const isOurs = (key: AttachmentKey): boolean => network === undefined || key.network === network
  const valid = new Set(options.valid.map(keyText))

  const whyStale = makeStaleTest(options.now, options.onlyProven)
  const stale = records.flatMap((record) => {
    const why = isOurs(record) && !valid.has(keyText(record)) ? whyStale(record) : undefined
    return why === undefined ? [] : [{ record, why }]
  })
  for (const { record, why } of stale) await collectAttachment(work, record, why)
  for (const path of damaged) await collectDamaged(work, path, isOurs, valid)

  const known = new Set(records.flatMap(({ addresses }) => addresses.map((each) => each.replace(/\/.*/, ''))))
  await collectLeases(work, known, (key) => key === undefined || (isOurs(key) && !valid.has(keyText(key))))
  await collectLinks(work, [...records, ...damaged.flatMap((path) => keyOfPath(path) ?? [])], (key) => {
    return isOurs(key) && !valid.has(keyText(key))
  })
  await collectSubnets(work)
  return work
}

interface Work {
  readonly options: CollectOptions
  readonly removals: Removal[]
  readonly failures: string[]
  readonly notes: string[]
  /** The lock stays taken: waiting for it again for every single thing helps nobody. */
  isLocked: boolean
}

async function attempt(work: Work, what: string, why: string, remove: () => Promise<boolean>): Promise<void> {
  if (work.isLocked) return
  try {
    if (work.options.dryRun || (await remove())) work.removals.push({ what, why })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    work.isLocked = error.code === CniCode.TryAgainLater
    work.failures.push(`${what}: ${error.message}: ${error.details}`)
  }
}

function collectAttachment(work: Work, record: AttachmentRecord, why: string): Promise<void> {
  const what = `attachment ${describeKey(record)} (${record.addresses.join(', ')})`
  return attempt(work, what, why, () => removeAttachment(work.options.stateDir, record))
}

// One that cannot be read may belong to a living container, unless it is from before this boot.
async function collectDamaged(
  work: Work,
  path: string,
  isOurs: (key: AttachmentKey) => boolean,
  valid: ReadonlySet<string>,
): Promise<void> {
  const key = keyOfPath(path)
  if (key !== undefined && !isOurs(key)) return
  const isGone =
    key !== undefined && !valid.has(keyText(key)) && !linkExists(hostLinkName(key)) && isFromEarlierBoot(path)
  if (isGone) {
    await attempt(work, `damaged record ${path}`, 'it is from before this boot', async () => {
      await openStore(work.options.stateDir).release(key)
      return true
    })
  } else {
    work.failures.push(
      `${path}: damaged, and its container may live; a DEL of the container removes it, or you by hand when it is gone`,
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
      key === undefined ? 'it is damaged and nobody claims it' : `nothing is recorded of ${describeKey(key)}`
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
    const why = `nothing is recorded of ${describeKey(key)}, and no process is at its other end`
    await attempt(work, `link ${name}`, why, async () => {
      await detachLinks(name)
      return true
    })
  }
}

// Needs the certificate, unlike everything else here: without a good one this waits.
async function collectSubnets(work: Work): Promise<void> {
  const { own, now, dryRun } = work.options
  try {
    const settings = loadSettings(own)
    const { subnets } = await loadIdentity(settings, Math.floor(now.getTime() / 1000))
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
        `${subnet} of an earlier certificate is still in use; start its containers again to move them to ${current}`,
      )
    }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    work.notes.push(`earlier subnets not looked for: ${error.message}: ${error.details}`)
  }
}
