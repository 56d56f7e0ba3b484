// Breaks down VERSION, ADD and DEL: where their time goes (strace) and what they execute (callgrind). Both
// slow down what they watch, so none of these figures enters the table of rows.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import { deleteNamespaces, makeContainers } from '../host/links.ts'
import { type OurHost, ourNetwork } from '../host/networks.ts'
import { callOf } from '../process/chain.ts'
import type { Launch } from '../process/launch.ts'
import { attachmentsOf } from '../process/pairs.ts'
import type { Attachment, Measured } from '../process/task.ts'
import type { Bench } from '../row.ts'
import { withHost } from '../scenarios/with-hosts.ts'
import type { CallId } from './budget.ts'
import { callgrind, type Counted, readCounts, VALGRIND } from './instructions.ts'
import { peakOf } from './memory.ts'
import { medianParts, type Part, partsOf, STRACE } from './timeline.ts'

/** What one kind of call does. */
export interface Breakdown {
  readonly id: CallId
  readonly what: string
  /** Untraced: medians would need more runs, so these are means. CPU time includes all programs. */
  readonly meanMs: number
  readonly meanCpuMs: number
  /** Peak resident memory of the largest process, the executable itself. */
  readonly peakMb: number
  /** Medians over the traced runs; empty without strace. */
  readonly parts: readonly Part[]
  /** Absent without valgrind. */
  readonly counted?: Counted
}

const KINDS: readonly { readonly id: 'bare' | 'port'; readonly what: string; readonly options: OurHost }[] = [
  { id: 'bare', what: 'without ports or masquerade', options: { ipMasq: false } },
  { id: 'port', what: 'with masquerade and one published port', options: { ports: true } },
]
const FIRST_PORT = 20_000

/**
 * Returns every kind of call whose id matches, none of them the host's first. ADD and DEL come together:
 * a pattern that matches one of them brings both.
 */
export async function breakDown(bench: Bench, only: RegExp): Promise<readonly Breakdown[]> {
  const found: Breakdown[] = []
  for (const { id, what, options } of KINDS) {
    if (!only.test(`${id}-add`) && !only.test(`${id}-del`)) continue
    bench.progress(`breakdown: ADD and DEL ${what}`)
    found.push(
      ...(await withHost(bench, `br-${id}`, async (us) => {
        const network = ourNetwork(bench, us, options)
        const ports = options.ports === true && { firstPort: FIRST_PORT }
        const all = attachmentsOf({ host: us, network, ...ports }, 2 * bench.runs + 3)
        const names = all.map(({ containerID }) => containerID)
        makeContainers(names)
        try {
          return await breakDownVerbs(bench, us, all, { id, what })
        } finally {
          deleteNamespaces(names)
        }
      })),
    )
  }
  if (!only.test('version')) return found
  bench.progress('breakdown: VERSION')
  const version = await withHost(bench, 'br-version', async (us) => {
    const launch: Launch = { argv: [bench.executable], env: { CNI_COMMAND: 'VERSION' }, input: '' }
    const watch = new Watch(bench, us, 'version')
    for (let run = 0; run < bench.runs; run += 1) watch.note(await us.program(launch.argv, launch.env))
    for (let run = 0; run < bench.runs; run += 1) await watch.trace(launch)
    await watch.weigh(launch)
    await watch.count(launch)
    return watch.result('VERSION')
  })
  return [version, ...found]
}

// The first attachment creates the bridge and the tables; then come those untraced, traced,
// weighed and counted.
async function breakDownVerbs(
  bench: Bench,
  us: Host,
  attachments: readonly Attachment[],
  { id, what }: { readonly id: 'bare' | 'port'; readonly what: string },
): Promise<readonly Breakdown[]> {
  const [first, counted, weighed, ...rest] = attachments
  if (first === undefined || counted === undefined || weighed === undefined) return []
  const added = await us.add(first)
  await us.del(first, added.result)
  const add = new Watch(bench, us, `${id}-add`)
  const del = new Watch(bench, us, `${id}-del`)
  for (const attachment of rest.slice(0, bench.runs)) {
    const { result, ...measured } = await us.add(attachment)
    add.note(measured)
    del.note(await us.del(attachment, result))
  }
  for (const attachment of rest.slice(bench.runs)) {
    await add.trace(launchOf(attachment, 'ADD'))
    await del.trace(launchOf(attachment, 'DEL'))
  }
  await add.weigh(launchOf(weighed, 'ADD'))
  await del.weigh(launchOf(weighed, 'DEL'))
  await add.count(launchOf(counted, 'ADD'))
  await del.count(launchOf(counted, 'DEL'))
  return [add.result(`ADD ${what}`), del.result(`DEL ${what}`)]
}

function launchOf(attachment: Attachment, verb: 'ADD' | 'DEL'): Launch {
  const [plugin] = attachment.network.plugins
  if (plugin === undefined) throw new TypeError('a network without plugins')
  return callOf(attachment, plugin, verb, undefined)
}

// Collects what is known of one kind of call.
class Watch {
  readonly #bench: Bench
  readonly #host: Host
  readonly #id: CallId
  readonly #plain: { readonly ms: number; readonly cpuMs: number }[] = []
  readonly #traces: (readonly Part[])[] = []
  #counted: Counted | undefined
  #peakMb = 0

  constructor(bench: Bench, host: Host, id: CallId) {
    this.#bench = bench
    this.#host = host
    this.#id = id
  }

  note({ ms, cpuMs }: Measured): void {
    this.#plain.push({ ms, cpuMs })
  }

  async trace({ argv, env, input }: Launch): Promise<void> {
    if (!existsSync(STRACE[0])) return
    const file = join(this.#host.folder, 'strace')
    await this.#host.program([...STRACE, '-o', file, '--', ...argv], env, input)
    this.#traces.push(partsOf(readFileSync(file, 'utf8')))
  }

  async count({ argv, env, input }: Launch): Promise<void> {
    if (!existsSync(VALGRIND)) return
    const folder = join(this.#host.folder, `callgrind-${this.#id}`)
    mkdirSync(folder)
    await this.#host.program([...callgrind(folder), '--', ...argv], env, input)
    this.#counted = readCounts(folder, this.#bench.executable)
    rmSync(folder, { recursive: true })
  }

  async weigh({ argv, env, input }: Launch): Promise<void> {
    const file = join(this.#host.folder, 'peak')
    await this.#host.program(peakOf(argv, file), env, input)
    this.#peakMb = Number(readFileSync(file, 'utf8')) / 1024
  }

  result(what: string): Breakdown {
    const mean = (figures: readonly number[]): number =>
      figures.reduce((sum, figure) => sum + figure, 0) / Math.max(figures.length, 1)
    return {
      id: this.#id,
      what,
      meanMs: mean(this.#plain.map(({ ms }) => ms)),
      meanCpuMs: mean(this.#plain.map(({ cpuMs }) => cpuMs)),
      peakMb: this.#peakMb,
      parts: medianParts(this.#traces),
      ...(this.#counted !== undefined && { counted: this.#counted }),
    }
  }
}
