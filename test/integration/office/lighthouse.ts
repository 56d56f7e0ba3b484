// A lighthouse without containers is well, and says what it is.

import t from 'tap'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeJoinedOffice, switchOff } from '../../fixtures/office/joined.ts'
import type { Machine } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()

const call = (machine: Machine, ...args: readonly string[]) =>
  machine.exec(['flatnet-cni', ...args], { check: false })

async function waitForHost(lh: Machine, answers: boolean): Promise<void> {
  await waitUntil(`host-a to be seen, answering ${String(answers)}`, 180_000, async () => {
    const { stdout } = await call(lh, 'status', '--json')
    const { lighthouse } = JSON.parse(stdout) as {
      readonly lighthouse: { readonly hosts: readonly object[] }
    }
    const [seen = {}] = lighthouse.hosts
    return 'answers' in seen && seen.answers === answers
  })
}

t.test('status and check on a lighthouse without containers', { skip }, async (t) => {
  const { lh, a } = (await makeJoinedOffice(t, ['a'])).machines
  await waitForHost(lh, true)
  const status = await call(lh, 'status', '--strict')
  t.equal(status.exitCode, 0, status.stdout)
  t.match(status.stdout, /^Role +lighthouse without containers$/m)
  t.match(status.stdout, /^host-a +10\.86\.1\.1 +10\.87\.1\.0\/24 +answers$/m)
  t.notMatch(status.stdout, /refused|Bridge|Containers|No peers/)

  const check = await call(lh, 'check', '--json')
  const { items } = JSON.parse(check.stdout) as {
    readonly items: readonly {
      readonly id: string
      readonly findings: readonly { readonly verdict: string; readonly seen: string }[]
    }[]
  }
  const bad = items.filter(({ findings }) =>
    findings.some(({ verdict, seen }) => verdict === 'fail' || seen.includes('certificate refused')),
  )
  t.same(bad, [])
  t.equal(check.exitCode, 0)

  await switchOff(a)
  await waitForHost(lh, false)
  t.match((await call(lh, 'status')).stdout, /^host-a .* silent$/m)
})
