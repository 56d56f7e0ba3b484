// A lab is removed completely, however the process that made it ends.
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { execa } from 'execa'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { run } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { remainsOf } from '../../fixtures/lab/remains.ts'

const LAB = join(import.meta.dirname, '../../../scripts/lab/command/main.ts')
// Removal may take longer than the five seconds after which execa would send SIGKILL.
const OWNER = { reject: false, forceKillAfterDelay: false, env: { NODE_OPTIONS: '' } } as const
// A name that no other run of this test on the machine has.
const name = (role: string): string => `t${role}${process.pid}`

t.test('a lab that cannot be made leaves nothing', { skip: whyNoLab() }, async (t) => {
  const lab = name('half')
  await run(['ip', 'netns', 'add', `flatnet-${lab}-win-b`])
  await t.rejects(upLab({ name: lab, podman: false }), /File exists/)
  t.strictSame(await remainsOf(lab), [])
})

t.test('a lab ends with the process that owns it', { skip: whyNoLab() }, async (t) => {
  const script = join(t.testdir(), 'owner.ts')
  const up = join(import.meta.dirname, '../../../scripts/lab/up.ts')
  await writeFile(
    script,
    `import { upLab } from ${JSON.stringify(up)}
await upLab({ name: process.argv[2] ?? '', podman: false })
process.stdout.write('up\\n')
if (process.argv[3] === 'throw') throw new Error('a test that fails')
setInterval(() => undefined, 1000)
`,
  )
  const cases = [
    { how: 'SIGINT', exitCode: 130 },
    { how: 'SIGTERM', exitCode: 143 },
    { how: 'throw', exitCode: 1 },
  ] as const
  for (const { how, exitCode } of cases) {
    const lab = name(how.toLowerCase())
    const owner = execa(process.execPath, [script, lab, how], OWNER)
    await Promise.race([once(owner.stdout, 'data'), owner])
    if (how !== 'throw') owner.kill(how)
    t.equal((await owner).exitCode, exitCode, how)
    t.strictSame(await remainsOf(lab), [], `${how}: nothing is left`)
  }
  const lab = name('sigkill')
  const owner = execa(process.execPath, [script, lab], OWNER)
  await Promise.race([once(owner.stdout, 'data'), owner])
  owner.kill('SIGKILL')
  await owner
  t.not((await remainsOf(lab)).length, 0, 'nothing can clean up after SIGKILL')
  await run([process.execPath, LAB, 'sweep'])
  t.strictSame(await remainsOf(lab), [], 'sweep finds it')
})
