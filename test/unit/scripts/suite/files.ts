import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { integrationJobs, jobsOf, longUnits, quickUnits } from '../../../../scripts/suite/files.ts'

t.test('every unit test is in one tier, and in one of its jobs', (t) => {
  const [quick, long] = [quickUnits(), longUnits()].map((jobs) => jobs.flatMap(({ files }) => files))
  const all = [...(quick ?? []), ...(long ?? [])]
  t.equal(new Set(all).size, all.length)
  t.ok(quick?.includes('test/unit/scripts/suite/files.ts'), 'this file is a quick one')
  t.ok(long?.includes('test/unit/state/processes.ts'))
  t.notOk(
    all.some((file) => file.includes('/fixtures/')),
    'support code is not a test',
  )
  for (const file of all) t.ok(existsSync(join(import.meta.dirname, '../../../..', file)), file)
  t.equal(new Set(quickUnits().map(({ name }) => name)).size, quickUnits().length, 'each has its own name')
  t.end()
})

t.test('integration tests start with the longest', (t) => {
  const jobs = integrationJobs()
  t.match(jobs[0], { name: 'test/integration/check/agent.ts', isIntegration: true })
  t.equal(new Set(jobs.map(({ name }) => name)).size, jobs.length)
  t.end()
})

t.test('files on the command line are recognised by their paths', (t) => {
  t.match(jobsOf(['test/integration/lab/lab.ts', './test/unit/addr/ip.ts']), [
    { name: 'test/integration/lab/lab.ts', files: ['test/integration/lab/lab.ts'], isIntegration: true },
    { name: 'test/unit/addr/ip.ts', isIntegration: false },
  ])
  t.end()
})
