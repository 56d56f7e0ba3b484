// How many instructions one call executes in user space: its own process, phase by phase, and every program
// that it starts. valgrind's callgrind counts them, so the figures depend neither on the machine's speed nor
// on its load. V8's search for a random hash seed takes 5 to 15 million, by chance, so it is counted apart.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The instructions of one process. */
export interface ProcessCount {
  readonly command: string
  readonly instructions: number
}

/** One phase of the call's own process. */
export interface Phase {
  readonly what: string
  readonly instructions: number
}

/** The instructions of one call. */
export interface Counted {
  /** Of the call's own process, with all its threads, without V8's search for a hash seed. */
  readonly own: number
  readonly phases: readonly Phase[]
  /** The programs that the call started, in the order of their start. */
  readonly programs: readonly ProcessCount[]
}

/** callgrind's command line before the command that it runs; it writes one file per process to `folder`. */
export function callgrind(folder: string): readonly string[] {
  const out = join(folder, 'callgrind.%p')
  return [VALGRIND, '-q', '--tool=callgrind', '--trace-children=yes', `--callgrind-out-file=${out}`]
}

export const VALGRIND = '/usr/bin/valgrind'

/**
 * Reads what callgrind wrote.
 * @throws Error when the folder has no file of the executable
 */
export function readCounts(folder: string, executable: string): Counted {
  const files = readdirSync(folder)
    .filter((name) => /^callgrind\.\d+$/.test(name))
    .toSorted((one, other) => pidOf(one) - pidOf(other))
    .map((name) => {
      const path = join(folder, name)
      const text = readFileSync(path, 'utf8')
      const command = /^cmd: *(.*)$/m.exec(text)?.[1] ?? ''
      return {
        path,
        command: firstWords(command),
        instructions: Number(/^(?:totals|summary): (\d+)/m.exec(text)?.[1] ?? 0),
      }
    })
  const own = files.find(({ command }) => command.startsWith(executable))
  if (own === undefined) throw new Error(`callgrind wrote nothing about ${executable} to ${folder}`)
  const phases = phasesOf(own.path, own.instructions)
  const search = phases.find(({ what }) => what === SEARCH)?.instructions ?? 0
  return {
    own: own.instructions - search,
    phases,
    programs: files.filter((file) => file !== own && !file.command.startsWith(executable)),
  }
}

// A shell gets its whole script as an argument.
function firstWords(command: string): string {
  const [line = ''] = command.split('\\n')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}

function pidOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('.') + 1))
}

const SEARCH = 'search for the hash seed'

// The functions of Node and V8 whose inclusive cost is a phase. Only those outside all others before them
// count, so no instruction is counted twice.
const PHASES: readonly (readonly [what: string, symbol: RegExp])[] = [
  ["Node's process: options, OpenSSL", /:node::InitializeOncePerProcessInternal\(/],
  [SEARCH, /:v8::internal::HashSeed::InitializeRoots\(/],
  ['isolate from its snapshot', /:v8::Isolate::Initialize\(/],
  ['main context from its snapshot', /:v8::Context::FromSnapshot\(/],
  ['source positions', /:v8::internal::Isolate::CollectSourcePositionsForAllBytecodeArrays\(/],
  ['code caches of our scripts', /:v8::internal::CodeSerializer::Deserialize\(/],
  ["Node's own modules compiled", /:node::builtins::BuiltinLoader::LookupAndCompile\(/],
  ['garbage collection', /:v8::internal::Heap::CollectGarbage\(/],
  ['programs started', /:node::SyncProcessRunner::Spawn\(/],
]

function phasesOf(file: string, total: number): readonly Phase[] {
  const costs = inclusiveCosts(file)
  const cost = (symbol: RegExp): number => costs.find(({ name }) => symbol.test(name))?.instructions ?? 0
  const main = cost(/:main(?: \[|$)/)
  const phases = [
    { what: 'dynamic linker, static initialisers, other threads', instructions: total - main },
    ...PHASES.map(([what, symbol]) => ({ what, instructions: cost(symbol) })),
  ]
  // The search is part of the isolate's start.
  const search = phases[2]?.instructions ?? 0
  const parted = phases.map((phase, index) =>
    index === 3 ? { ...phase, instructions: phase.instructions - search } : phase,
  )
  const known = parted.reduce((sum, { instructions }) => sum + instructions, 0)
  return [...parted, { what: 'the rest: scripts evaluated, their work, exit', instructions: total - known }]
}

// "45,192,985 (51.85%)  ???:node::NodeMainInstance::NodeMainInstance(…) [/path/flatnet-cni]"
const COST = /^\s*([\d,]+) \([^)]*\)\s+(.*)$/

function inclusiveCosts(file: string): readonly { name: string; instructions: number }[] {
  const options = ['--inclusive=yes', '--threshold=100', '--auto=no']
  const text = execFileSync('callgrind_annotate', [...options, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text.split('\n').flatMap((line) => {
    const [, figure, name] = COST.exec(line) ?? []
    // A recursive function appears as name'2 as well, with a cost that counts its calls again.
    if (figure === undefined || name === undefined) return []
    return [{ name, instructions: Number(figure.replaceAll(',', '')) }]
  })
}
