// Verdicts do not depend on load or on a program that hangs: `flatnet-cni check` on a host with eight busy
// loops, and beside a podman that never answers.

import t from 'tap'
import { startAgent } from '../../../scripts/lab/host/agent.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import type { Outcome } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import type { Report } from '../../../src/check/report.ts'
import { isFine, reportOf, saidBy, untilReport } from '../../fixtures/host/check.ts'
import { writeSettings } from '../../fixtures/lab/agents.ts'

const FLATNET = '/opt/cni/bin/flatnet-cni'
// The agents stay on a path that answers late, as every path of a busy machine does.
const PATIENT = {
  probe: { idleMs: 300, fastMs: 300, gatewayMs: 300, tunnelMs: 300, bigMs: 3000, bigIdleMs: 3000 },
  escalation: {
    silenceMs: 30_000,
    lossShort: { probes: 20, most: 0.95 },
    lossLong: { probes: 50, most: 0.95 },
    minHoldMs: 500,
    attemptHoldMs: 1000,
  },
}
const LOOPS = 8
// Ends the loops if the test is killed.
const MOST_SECONDS = 900

t.test('the same verdicts on a busy host as on a quiet one', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `busy${String(process.pid)}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')] as const
  for (const host of [a, b]) {
    await writeSettings(host.files, { agent: PATIENT })
    await host.exec([FLATNET, 'sync'])
    await startAgent(host)
  }
  const quiet = await untilReport(
    () => look(a),
    (report) =>
      report.roots.length === 0 &&
      saidBy(report, 'PATH-003').includes('direct (') &&
      saidBy(report, 'PATH-006').includes('pass directly and by the gateway') &&
      saidBy(report, 'PATH-010').includes('both views agree'),
  )
  isFine(t, quiet)

  await t.test('with eight busy loops beside it', async (t) => {
    const loops = Array.from({ length: LOOPS }, () =>
      a.start(['timeout', String(MOST_SECONDS), 'sh', '-c', 'while :; do :; done']),
    )
    t.teardown(() => loops.forEach((loop) => loop.kill()))
    for (let round = 0; round < 3; round++) {
      const report = await look(a)
      t.same(verdictsOf(report), verdictsOf(quiet), `round ${String(round)}: ${wordsOf(report)}`)
      t.same([report.late, report.exitCode], [undefined, quiet.exitCode])
    }
  })

  await t.test('a hanging podman is reported and affects nothing else', async (t) => {
    const script =
      'mkdir /var/lib/hang; cd /var/lib/hang; printf "#!/bin/sh\\nexec sleep 3600\\n" >podman; ' +
      'chmod +x podman; cp podman nerdctl'
    await a.exec(['sh', '-c', script])
    const report = reportOf(await hanging(a, 'check', '--json', '--peer', 'host-b'))
    t.match(report.late?.waitedFor.join(), /podman/)
    t.equal(report.exitCode, 4)
    const judged = verdictsOf(report).filter(([, verdict]) => verdict !== 'skip')
    t.same(judged.filter(([id]) => !id.startsWith('CNI')),
      verdictsOf(quiet).filter(([id, verdict]) => verdict !== 'skip' && !id.startsWith('CNI')))
    const { exitCode, stdout } = await hanging(a, 'bundle', '--json', '--output', '/var/lib/bundle.tgz')
    t.equal(exitCode, 0, stdout)
    const { entries } = JSON.parse(stdout) as { entries: readonly string[] }
    for (const part of ['check.json', 'ps.json',
      'status.json']) t.ok(entries.some((entry) => entry.endsWith(part)), part)
  })
}) // prettier-ignore

// A limit far beyond what is needed: only what hangs is late.
async function look(host: LabHost): Promise<Report> {
  const asked = ['check', '--json', '--timeout', '60s', '--peer', 'host-b']
  return reportOf(await host.exec([FLATNET, ...asked], { check: false }))
}

function hanging(host: LabHost, ...args: readonly string[]): Promise<Outcome> {
  const path = 'PATH=/var/lib/hang:/usr/sbin:/usr/bin:/sbin:/bin'
  return host.exec(['env', path, FLATNET, ...args], { check: false })
}

function verdictsOf({ items }: Report): readonly (readonly [id: string, verdict: string])[] {
  return items.map(({ id, verdict }) => [id, verdict])
}

function wordsOf(report: Report): string {
  return report.roots.map((id) => `${id} ${saidBy(report, id)}`).join('; ')
}
