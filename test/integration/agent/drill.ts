// A drill in the kernel: in a namespace where plain datagrams stand for Nebula's, and in a lab with real
// Nebula.

import { join } from 'node:path'
import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { type Outcome, type RunOptions, waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { makeNetns } from '../../fixtures/host/netns.ts'

const PROGRAM = join(import.meta.dirname, '../../fixtures/agent/drill-program.ts')
const DIRECT = '32'
const RELAYED = '64'
const THROUGH_TUNNEL = '-28'

type Exec = (argv: readonly string[], options?: RunOptions) => Promise<Outcome>

async function drill(exec: Exec, ...args: string[]): Promise<unknown> {
  const { stdout } = await exec([process.execPath, PROGRAM, ...args], { check: false })
  return stdout === '' ? undefined : JSON.parse(stdout)
}

async function tables(exec: Exec): Promise<string[]> {
  const { stdout } = await exec(['nft', 'list', 'tables'])
  return stdout.split('\n').filter((line) => line.includes('drill'))
}

const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

t.test('without Nebula, with packets of its sizes', { skip: needsRoot }, async (t) => {
  const { exec, batch } = await makeNetns(t, 'drill')
  await batch(['address add fd00::9/128 dev lo', 'address add 10.9.9.9/32 dev lo'])

  for (const [family, address] of [
    [4, '10.9.9.9'],
    [6, 'fd00::9'],
  ] as const) {
    t.same(await drill(exec, 'learn', DIRECT, address, '4242'), { family, address, port: 4242 })
    t.match(await drill(exec, 'learn', RELAYED, address, '4242'), { code: 11, details: /relay/ })
    t.match(await drill(exec, 'learn', '33', address, '4242'), { code: 11, details: /tunnel/ })
    t.match(await drill(exec, 'learn', DIRECT, address, '4242', '4243'), {
      code: 11,
      details: /other traffic/,
    })
    t.same(await tables(exec), [], 'nothing is left')
  }

  await t.test('the rules of a killed drill are swept once its block has timed out', async (t) => {
    t.equal(await drill(exec, 'hold', DIRECT, '10.9.9.9', '4242'), undefined)
    t.same(await tables(exec), ['table ip flatnet_drill'])
    await drill(exec, 'block', DIRECT, 'fd00::9', '4242')
    await waitUntil('the block to time out', 10_000, async () => (await drill(exec, 'sweep')) === true)
    t.same(await tables(exec), ['table ip6 flatnet_drill'], 'a block that is still active stays')
    t.equal(await drill(exec, 'sweep', 'all'), true)
    t.same(await tables(exec), [])
    t.equal(await drill(exec, 'sweep', 'all'), false)
  })
})

for (const nebula of ['1.11', '1.9'] as const) {
  t.test(`two hosts with Nebula ${nebula}`, { skip: whyNoLab() }, async (t) => {
    const lab = await upLab({ name: `tdrill${nebula.slice(2)}x${process.pid}`, nebula })
    t.teardown(() => lab.down())
    const exec: Exec = (argv, options) => lab.host('a').exec(argv, options)
    const args = [THROUGH_TUNNEL, lab.host('b').plan.v4.overlay, '4280']
    const answers = async (address = lab.host('b').plan.v4.overlay): Promise<boolean> =>
      (await exec(['ping', '-n', '-c', '1', '-W', '1', address], { check: false })).exitCode === 0

    t.same(await drill(exec, 'learn', ...args), {
      family: 4,
      address: lab.host('b').plan.v4.wsl,
      port: 4242,
    })
    await waitUntil('the peer to answer after learning', 10_000, answers)

    const blocked = await drill(exec, 'block', ...args)
    t.notOk(await answers(), 'the peer is blocked')
    await waitUntil('the lighthouse, which is not blocked', 10_000, () => answers('10.86.0.1'))
    await drill(exec, 'free', JSON.stringify(blocked))
    await waitUntil('the peer to answer again', 10_000, answers)
    t.same(await tables(exec), [])

    await drill(exec, 'hold', ...args)
    t.equal((await tables(exec)).length, 1)
    await waitUntil('the block to time out after kill -9', 10_000, answers)
  })
}
