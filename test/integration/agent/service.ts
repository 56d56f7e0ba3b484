// systemd's own verifier reads the unit.

import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const TEXT = readFileSync(join(import.meta.dirname, '../../../scripts/flatnet-agent.service'), 'utf8')

/** Returns what systemd-analyze reports about the unit, with a program in the agent's place. */
function objections(t: Test, text: string): string {
  const folder = t.testdir({ 'flatnet-cni': '#!/bin/sh\n' })
  chmodSync(join(folder, 'flatnet-cni'), 0o755)
  const unit = join(folder, 'flatnet-agent.service')
  writeFileSync(unit, text.replaceAll('/opt/cni/bin/', `${folder}/`))
  const { stdout, stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], {
    encoding: 'utf8',
    timeout: 600_000,
  })
  if (error !== undefined)
    throw new Error('systemd-analyze is missing: run scripts/setup.sh', { cause: error })
  return `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line.includes('flatnet-agent.service'))
    .join('\n')
}

t.test('systemd understands every line', (t) => {
  t.equal(objections(t, TEXT), '')
  t.end()
})

t.test('systemd reports a bad line', (t) => {
  t.match(objections(t, TEXT.replace('KillMode=mixed', 'KillModes=mixed')), /KillModes/)
  t.end()
})

t.test('routes are withdrawn whenever the agent ends, and it is always restarted', (t) => {
  for (const line of [
    'Type=notify',
    'NotifyAccess=all',
    'WatchdogSec=10',
    'Restart=always',
    'StartLimitIntervalSec=0',
    'ExecStopPost=/opt/cni/bin/flatnet-cni agent --withdraw',
  ])
    t.ok(TEXT.includes(`\n${line}\n`), line)
  t.notMatch(TEXT, /^(PartOf|BindsTo|Requires)=/m, 'a restart of Nebula does not restart the agent')
  t.end()
})
