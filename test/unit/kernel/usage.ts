import { closeSync, openSync } from 'node:fs'
import t from 'tap'
import { processUsage } from '../../../src/kernel/usage.ts'

t.test('our own figures are those of a live process', (t) => {
  const before = processUsage()
  const opened = openSync('/dev/null', 'r')
  const after = processUsage()
  closeSync(opened)
  t.equal(after.openFds, before.openFds + 1)
  t.ok(after.cpuSeconds >= before.cpuSeconds && before.cpuSeconds > 0)
  t.ok(after.residentBytes > 1e6)
  t.ok(Math.abs(after.startSeconds * 1000 - performance.timeOrigin) < 1)
  t.end()
})
