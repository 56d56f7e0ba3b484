// Batches with the real `ip`, in network namespaces of the test.

import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { ipBatchThenTry, ipShow } from '../../../../src/exec/network/ip.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

async function inNewNetns(t: Test): Promise<string> {
  const holder = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' })
  t.teardown(() => holder.kill('SIGKILL'))
  const path = `/proc/${holder.pid}/ns/net`
  while (readlinkSync(path) === readlinkSync('/proc/self/ns/net')) await sleep(5)
  return path
}

const up = (link: string) => ['link', 'set', 'dev', link, 'up']
const lo = (address: string) => ['address', 'replace', address, 'dev', 'lo']

t.test('attempts after a batch', { skip }, async (t) => {
  t.test('a refused attempt is not an error, and everything before it is done', async (t) => {
    const netns = await inNewNetns(t)
    await ipBatchThenTry([up('lo')], [lo('10.9.0.1/32'), up('none'), lo('10.9.0.2/32')], netns)
    const shown = await ipShow(['address', 'show', 'dev', 'lo'], netns)
    t.match(shown, '10.9.0.1')
    t.notMatch(shown, '10.9.0.2', 'ip stops at the refused line')
  })

  t.test("a refused command of the batch is thrown with ip's message", async (t) => {
    const netns = await inNewNetns(t)
    const details = new RegExp(`^ip link set dev none up in ${netns}: .*"none" \\(exit 1\\)$`)
    await t.rejects(ipBatchThenTry([up('lo'), up('none')], [up('lo')], netns), {
      code: CniCode.CommandRefused,
      details,
    })
  })
})
