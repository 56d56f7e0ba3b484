// The last transitions of each peer's path, kept across restarts. One file per peer, one JSON line per
// transition: <dataDir>/history/<overlay address>.jsonl

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { formatIp, type Ip, parseIp } from '../../addr/ip.ts'
import type { TransitionView } from '../../views/paths.ts'
import { PHASES, REASONS } from '../../paths/escalation/state.ts'
import { makeFolder, readText, replaceFile } from '../files/atomic.ts'
import { ioFailure } from '../../cni/io-failure.ts'
import { namesIn } from '../addresses/records.ts'

/** How many transitions of a peer are kept. */
export const KEPT = 200

// A file is rewritten when it has twice as many lines, so most transitions cost one short write.
const MOST_LINES = 2 * KEPT
// Enough for a sentence. A longer text is a mistake and must not fill the disk.
const DETAIL_LENGTH = 500

/** The files of all peers. */
export interface PathHistory {
  /** Returns the last {@link KEPT} transitions, oldest first. @throws CniError IoFailure */
  read(overlay: Ip): readonly TransitionView[]
  /** Returns the overlay addresses of all peers with a file. @throws CniError IoFailure */
  peers(): readonly Ip[]
  /** Appends a transition. @throws CniError IoFailure, for example on a full disk */
  append(overlay: Ip, transition: TransitionView): void
}

/**
 * Opens the history below `dataDir`, which need not exist. Damaged lines are skipped. `warn` is called once
 * per file, with its path and the number of its first damaged line.
 */
export function openPathHistory(
  dataDir: string,
  warn: (path: string, lineNumber: number) => void,
): PathHistory {
  const folder = join(dataDir, 'history')
  const lines = new Map<string, number>()
  const warned = new Set<string>()
  // Canonical text has digits, hex digits, dots and colons: nothing that could lead out of the folder.
  const pathOf = (overlay: Ip) => join(folder, `${formatIp(overlay)}.jsonl`)

  const load = (path: string): { transitions: readonly TransitionView[]; lines: number } => {
    const all = (readText(path) ?? '').split('\n')
    if (all.at(-1) === '') all.pop()
    const read = all.map(parseLine)
    const damaged = read.indexOf(undefined)
    if (damaged !== -1 && !warned.has(path)) {
      warned.add(path)
      warn(path, damaged + 1)
    }
    return { transitions: read.filter((one) => one !== undefined).slice(-KEPT), lines: all.length }
  }

  return {
    peers: () =>
      namesIn(folder).flatMap((name) =>
        name.endsWith('.jsonl') ? (parseIp(name.slice(0, -'.jsonl'.length)) ?? []) : [],
      ),
    read: (overlay) => load(pathOf(overlay)).transitions,
    append: (overlay, transition) => {
      const path = pathOf(overlay)
      makeFolder(folder)
      appendLine(path, formatLine(transition))
      const count = lines.has(path) ? (lines.get(path) ?? 0) + 1 : load(path).lines
      lines.set(path, count)
      if (count <= MOST_LINES) return
      const kept = load(path).transitions
      replaceFile(path, kept.map(formatLine).join(''), true)
      lines.set(path, kept.length)
    },
  }
}

// A process killed while it wrote leaves an unfinished line. Do not append to that line.
function appendLine(path: string, line: string): void {
  let file: number | undefined
  try {
    file = openSync(path, 'a+', 0o600)
    const { size } = fstatSync(file)
    const last = Buffer.alloc(1)
    const torn = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 10
    writeSync(file, torn ? `\n${line}` : line)
  } catch (error) {
    throw ioFailure(path, error)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function formatLine({ at, peer, from, to, reason, detail, epoch }: TransitionView): string {
  return `${JSON.stringify({ at, peer, from, to, reason, detail: detail.slice(0, DETAIL_LENGTH), epoch })}\n`
}

function parseLine(line: string): TransitionView | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { at, peer, from, to, reason, detail, epoch } = value as Record<keyof TransitionView, unknown>
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return undefined
  if (typeof peer !== 'string' || typeof detail !== 'string' || !Number.isSafeInteger(epoch)) return undefined
  const left = PHASES.find((phase) => phase === from)
  const entered = PHASES.find((phase) => phase === to)
  const known = REASONS.find((one) => one === reason)
  if (left === undefined || entered === undefined || known === undefined) return undefined
  return { at, peer, from: left, to: entered, reason: known, detail, epoch: Number(epoch) }
}
