// The command blocks of README.md and docs/operations.md, run line by line where their comments say: from an
// empty machine to a network of three hosts, and what is done with it later.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { PROGRAM } from '../../../src/cli/commands.ts'
import { parseLine } from '../../../src/cli/parse.ts'
import { blocksOf, commandOf } from '../../fixtures/docs/blocks.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { switchOn, waitForDirect, waitForPeers } from '../../fixtures/office/joined.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()
const ROOT = join(import.meta.dirname, '../../..')
/** Home and current folder on every machine. */
const DESK = '/etc/desk'

interface Line {
  readonly where: string
  readonly on: string
  readonly text: string
}

function linesOf(page: string): readonly Line[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return blocksOf(text).flatMap(({ mark, line, lines }) =>
    mark === undefined || !('on' in mark)
      ? []
      : lines.map((each, index) => ({
          where: `${page}, line ${String(line + index)}`,
          on: mark.on,
          // The lab has another LAN.
          text: commandOf(each).replaceAll('192.168.1.5', '198.18.0.1'),
        })),
  )
}

/** The machines of the guide, and the codes that were shown. */
interface Lab {
  readonly places: Readonly<Record<string, Machine>>
  readonly codes: Map<string, string>
}

const run = (machine: Machine, text: string, input = '') =>
  machine.exec(['env', `--chdir=${DESK}`, `HOME=${DESK}`, 'sh', '-c', text], { check: false, input })

async function invite({ places }: Lab, machine: Machine, { text }: Line): Promise<void> {
  const inviting = machine.start(['env', `--chdir=${DESK}`, `HOME=${DESK}`, 'sh', '-c', text])
  let said = ''
  inviting.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const printed = (): string | undefined => /flatnet-cni join \S+ \S.*/.exec(said)?.[0]
  await waitUntil('the line to type', 60_000, async () => Promise.resolve(printed() !== undefined))
  const guest = places['host-a']
  if (guest === undefined) throw new Error('no host-a')
  const joined = await run(guest, printed() ?? '')
  if (!/^Next: /m.test(joined.stdout)) throw new Error(joined.stderr)
  await switchOn(guest)
}

// Not started yet by join: there is no systemd in the lab.
async function joinBundle(lab: Lab, machine: Machine, file: string, text: string): Promise<void> {
  const said = await run(machine, text, `${lab.codes.get(file) ?? ''}\n`)
  if (said.exitCode !== 0) throw new Error(said.stderr)
  if (!text.includes('--dry-run')) await switchOn(machine)
}

// A path may fall back on a busy machine at any moment, and then there is nothing to drill.
async function drill(machine: Machine, text: string): ReturnType<typeof run> {
  const [, peer = ''] = /^flatnet-cni drill (\S+)/.exec(text) ?? []
  for (;;) {
    await waitForDirect(machine, peer)
    // No user is there to say yes.
    const said = await run(machine, `${text.replace(/#.*/, '')} --yes`)
    if (!said.stderr.includes('is not on the direct path')) return said
  }
}

async function type(t: Test, lab: Lab, line: Line): Promise<void> {
  const { text, where } = line
  const machine = lab.places[line.on]
  if (machine === undefined) throw new Error(`${where}: no machine ${line.on}`)
  if (text.includes(' host invite ')) return invite(lab, machine, line)
  const [, file] = /^flatnet-cni join (\S+\.flatnet)/.exec(text) ?? []
  if (file !== undefined) return joinBundle(lab, machine, file, text)
  const { exitCode, stdout, stderr } = await (text.includes(' drill ')
    ? drill(machine, text)
    : run(machine, text))
  const parsed = parseLine(PROGRAM, text.split(/\s+/).slice(1))
  // A command that examines may find something: no runtime is installed here.
  const most = parsed.kind === 'call' && parsed.spec.exits === 'judged' ? 2 : 0
  t.ok(exitCode <= most, `${where}: ${text}: ${String(exitCode)} ${stderr}`)
  const [, bundle, code] = /^Bundle: \S*?([^/\s]+\.flatnet)\n[^]*?\n {4}(\S.*)$/m.exec(stdout) ?? []
  if (bundle !== undefined && code !== undefined) lab.codes.set(bundle, code)
}

t.test('what README and the guide say works', { skip }, async (t) => {
  const { lh, a, b } = await makeMachines(t, { lh: 1, a: 11, b: 12 })
  for (const machine of [lh, a, b]) mkdirSync(machine.at(DESK), { recursive: true })
  const lab: Lab = { places: { office: lh, lighthouse: lh, 'host-a': a }, codes: new Map() }
  const guide = linesOf('docs/operations.md')
  const end = guide.findIndex(({ text }) => text.includes(' host revoke '))
  t.ok(guide.length > 10 && end > 5, 'the lines are found')
  const done = new Set<string>()
  const typeAll = async (lines: readonly Line[]): Promise<void> => {
    for (const line of lines) {
      if (done.has(line.text) || line.text === '') continue
      done.add(line.text)
      await type(t, lab, line)
      if (!line.text.includes(' host add host-b')) continue
      // Carried there by hand.
      const file = 'host-b.flatnet'
      const bundle = await run(lh, `cat ${file}`)
      await run(b, `cat > ${file}`, bundle.stdout)
      await joinBundle(lab, b, file, `flatnet-cni join ${file}`)
      await waitForPeers(a, ['host-b'])
    }
  }
  await typeAll(guide.slice(0, end))
  // README lists commands of the office and of a host together.
  const folder = await run(lh, 'tar -c flatnet-office | base64')
  await run(a, 'base64 -d | tar -x', folder.stdout)
  await typeAll(linesOf('README.md'))
  await typeAll(guide.slice(end))
  t.ok(done.size > 20, `${String(done.size)} lines were run`)
})
