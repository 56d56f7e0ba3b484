// An office folder on disk:
//
//   plan.json       the network plan
//   ledger.jsonl    what was assigned and signed, appended to only
//   ca.crt ca.key   the first CA (cas.ts says where later ones are)
//
// The folder has mode 0700, each file 0600.

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { CniCode, CniError, errnoCode } from '../../cni/error.ts'
import { parseObject } from '../../config/shape.ts'
import { type Ledger, type LedgerEntry, ledgerLine, parseLedger } from '../../provision/office/ledger.ts'
import { type NetworkPlan, parsePlan } from '../../provision/office/network-plan.ts'
import { formatPem } from '../../nebula/certificate/pem.ts'
import { makeFolder } from '../files/atomic.ts'
import { appendLine } from '../files/append.ts'
import { leftTemporaries, removeTemporary, temporaryPath, withoutTemporary } from '../files/temporary.ts'
import { placeFailure } from '../joined/places.ts'
import { withLock } from '../lock/lock.ts'
import { type CaFiles, caFiles, caFolders, filesIn, signingFiles, trustedFiles } from './cas.ts'

/** An office, opened. */
export interface Office {
  readonly folder: string
  readonly plan: NetworkPlan
  /** The CA that signs. @throws CniError StateDamaged */
  readonly ca: CaFiles
  /** Returns the CAs that hosts are to trust, PEM, the one that signs first. @throws CniError */
  readonly trusted: () => string
  /** Returns the files of a CA. @param fingerprint that of any CA so far */
  readonly caOf: (fingerprint: string) => CaFiles
  /** Reads the ledger. @throws CniError StateDamaged */
  readonly ledger: () => Ledger
  /**
   * Appends what `decide` makes of the ledger, with no other process writing meanwhile. @throws CniError
   */
  readonly append: <Entry extends LedgerEntry>(
    decide: (entries: readonly LedgerEntry[]) => Entry,
  ) => Promise<Entry>
  /** Returns the path of a new folder for keys that exist for a moment. */
  readonly workFolder: () => string
}

const [PLAN, LEDGER, CA_CERTIFICATE, CA_KEY] = ['plan.json', 'ledger.jsonl', 'ca.crt', 'ca.key'] as const
const NAMES = [PLAN, LEDGER, CA_CERTIFICATE, CA_KEY]
const [FOLDER_MODE, FILE_MODE] = [0o700, 0o600]

/**
 * Makes an office folder, which appears complete or not at all.
 * @param fill makes the CA in the folder it is given
 * @throws CniError when there is one already, or the path cannot be used
 */
export async function createOffice(
  folder: string,
  planText: string,
  fill: (files: CaFiles) => Promise<void>,
): Promise<void> {
  refuseOccupied(folder)
  const beside = guard(folder, () => {
    makeFolder(dirname(folder))
    for (const path of leftTemporaries(dirname(folder))) removeTemporary(path)
    const path = temporaryPath(dirname(folder))
    mkdirSync(path, { mode: FOLDER_MODE })
    return path
  })
  try {
    await fill(filesIn(beside))
    guard(folder, () => {
      writeFileSync(join(beside, PLAN), planText, { mode: FILE_MODE, flush: true })
      writeFileSync(join(beside, LEDGER), '', { mode: FILE_MODE, flush: true })
      // rename(2) replaces an empty folder and nothing else.
      renameSync(beside, folder)
    })
  } catch (error) {
    rmSync(beside, { recursive: true, force: true })
    throw error
  }
}

/** Opens an office folder. @throws CniError when it is none, is damaged, or is open to other users */
export function openOffice(folder: string): Office {
  const at = (name: string): string => join(folder, name)
  const found = guard(folder, () => statSync(folder, { throwIfNoEntry: false }))
  if (found === undefined || !found.isDirectory())
    throw new CniError(
      CniCode.IoFailure,
      'no office here',
      `${folder}: no such folder; name the office with --office, or make one: flatnet-cni init ${folder}`,
    )
  refuseReadable(folder)
  for (const name of NAMES) refuseReadable(at(name))
  for (const path of guard(folder, () => caFolders(folder)).map(at))
    for (const each of [path, filesIn(path).certificate, filesIn(path).key]) refuseReadable(each)
  const planFile = at(PLAN)
  const plan = parsePlan(parseObject(textOf(planFile), planFile), planFile)
  const ledger = (): Ledger => parseLedger(textOf(at(LEDGER)), at(LEDGER))
  return {
    folder,
    plan,
    // Another process may have changed it since.
    get ca() {
      return signingFiles(folder, ledger().entries)
    },
    trusted: () =>
      trustedFiles(folder, ledger().entries)
        .map(({ certificate }) => formatPem(textOf(certificate), certificate))
        .join(''),
    caOf: (fingerprint) => caFiles(folder, ledger().entries, fingerprint),
    ledger,
    append: (decide) =>
      withLock(folder, () => {
        const { entries, head, tornBytes } = ledger()
        const entry = decide(entries)
        guard(at(LEDGER), () => appendLine(at(LEDGER), ledgerLine(entry, head), tornBytes))
        return entry
      }),
    workFolder: () =>
      guard(folder, () => {
        for (const path of leftTemporaries(folder)) removeTemporary(path)
        const path = temporaryPath(folder)
        mkdirSync(path, { mode: FOLDER_MODE })
        return path
      }),
  }
}

/** Returns a text file of an office. @throws CniError IoFailure */
export function textOf(path: string): string {
  return guard(path, () => readFileSync(path, 'utf8'))
}

/** Removes a folder of keys. */
export function removeWorkFolder(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

function refuseOccupied(folder: string): void {
  const names = guard(folder, () => {
    try {
      return withoutTemporary(readdirSync(folder))
    } catch (error) {
      if (errnoCode(error) === 'ENOENT') return []
      throw error
    }
  })
  if (names.length === 0) return
  const isOffice = names.includes(PLAN) || names.includes(CA_KEY)
  throw new CniError(
    CniCode.IoFailure,
    'folder in use',
    isOffice
      ? `${folder}: is an office already, and a second CA would make its hosts strangers; to add a host: ` +
          `flatnet-cni host add NAME --office ${folder}`
      : `${folder}: is not empty: name another folder`,
  )
}

// The CA's key lies there. Others could sign hosts with it, or change the plan.
function refuseReadable(path: string): void {
  const stat = guard(path, () => lstatSync(path))
  const isOpen = (stat.mode & 0o077) !== 0
  const owner = process.geteuid?.() ?? 0
  if (!isOpen && (stat.uid === owner || owner === 0)) return
  const mode = stat.isDirectory() ? '700' : '600'
  throw new CniError(
    CniCode.IoFailure,
    'office open to others',
    isOpen
      ? `${path}: has mode ${(stat.mode & 0o7777).toString(8)}, so other users can read it: chmod ${mode} ` +
          `${path} (a Windows drive keeps no modes: use a folder of WSL itself)`
      : `${path}: belongs to user ${String(stat.uid)}: run this as that user, or take it over with chown`,
  )
}

function guard<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw placeFailure(path, error)
  }
}
