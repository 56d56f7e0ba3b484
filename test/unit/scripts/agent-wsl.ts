// scripts/agent-wsl.sh with programs that stand in for the agent.

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'

const SCRIPT = join(import.meta.dirname, '../../../scripts/agent-wsl.sh')
// Records its arguments; `agent` then does what the test says.
const programOf = (agent: string): string => `#!/bin/sh
echo "$*" >>"$FLATNET_RUN_DIR/calls"
[ "$*" = agent ] || exit 0
${agent}
`
const PATIENT = `trap 'echo ended; kill $nap; exit 0' TERM
trap 'echo reloaded >>"$FLATNET_RUN_DIR/calls"' HUP
sleep 300 & nap=$!
: >"$FLATNET_RUN_DIR/takes-signals"
while kill -0 $nap 2>/dev/null; do wait $nap; done`

function place(t: Test, agent: string) {
  const folder = t.testdir({ agent: programOf(agent) })
  chmodSync(join(folder, 'agent'), 0o755)
  const log = join(folder, 'agent.log')
  const environment = {
    PATH: process.env['PATH'],
    FLATNET_EXECUTABLE: join(folder, 'agent'),
    FLATNET_RUN_DIR: folder,
    FLATNET_LOG: log,
    FLATNET_LOG_BYTES: '2000',
    FLATNET_PAUSE: '0.05',
    FLATNET_ROUND: '0.05',
  }
  const call = (verb: string) => {
    const { status, stdout, stderr } = spawnSync(SCRIPT, [verb], {
      env: environment,
      encoding: 'utf8',
      timeout: 600_000,
    })
    return { status, said: `${stdout}${stderr}` }
  }
  t.teardown(() => void call('stop'))
  const calls = (): string[] => {
    const path = join(folder, 'calls')
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
  }
  const called = async (what: string, times: number): Promise<void> => {
    while (calls().filter((one) => one === what).length < times) await sleep(10)
  }
  const takesSignals = async (): Promise<void> => {
    while (!existsSync(join(folder, 'takes-signals'))) await sleep(10)
  }
  return { folder, log, call, calls, called, takesSignals }
}

t.test('it starts one agent, reloads it and stops it cleanly', async (t) => {
  const { call, calls, called, log, takesSignals } = place(t, PATIENT)
  t.equal(call('status').status, 3)
  t.match(call('reload'), { status: 1, said: /not running/ })
  t.equal(call('start').status, 0)
  await called('agent', 1)
  t.match(call('start'), { status: 0, said: /already running \(pid \d+\)/ })
  t.match(call('status'), { status: 0, said: /running \(pid \d+\)/ })
  await takesSignals()
  t.equal(call('reload').status, 0)
  await called('reloaded', 1)
  t.same(calls(), ['agent', 'reloaded'], 'still the same agent')
  t.equal(call('stop').status, 0)
  t.same(calls(), ['agent', 'reloaded', 'agent --withdraw'])
  t.match(readFileSync(log, 'utf8'), 'ended')
  t.equal(call('status').status, 3)
  t.equal(call('stop').status, 0, 'a second stop has no effect')
})

t.test(
  'an agent that dies is restarted after its routes were withdrawn, and the log stays bounded',
  async (t) => {
    const { call, calls, called, log } = place(t, 'head -c 900 /dev/zero | tr "\\0" x; echo; kill -9 $$')
    call('start')
    await called('agent', 12)
    call('stop')
    t.same(calls().slice(0, 6), Array(3).fill(['agent', 'agent --withdraw']).flat())
    t.match(readFileSync(log, 'utf8') + readFileSync(`${log}.1`, 'utf8'), '"msg":"agent exited with 137')
    for (const path of [log, `${log}.1`]) t.ok(statSync(path).size < 4000, `${path} stays small`)
  },
)

// The format of src/state/agent/heartbeat.ts.
const BEAT = `start=$(cut -d ' ' -f 22 /proc/$$/stat) n=0
beat() {
  n=$((n + 1))
  printf '{"pid":%s,"startTime":"%s","beat":%s,"ready":true}\\n' $$ "$start" $n >"$FLATNET_RUN_DIR/agent.json"
}
`

t.test('a hanging agent is ended and started again', async (t) => {
  const { call, calls, called, log } = place(t, `${BEAT}trap '' TERM; beat; exec sleep 300`)
  call('start')
  await called('agent', 3)
  t.same(calls().slice(0, 4), Array(2).fill(['agent', 'agent --withdraw']).flat())
  t.match(readFileSync(log, 'utf8'), /agent hangs, killing it[^]*agent exited with 137/)
  // The present agent would not end on its own either.
  call('stop')
})

t.test('an agent with a heartbeat, or none yet, is left alone', async (t) => {
  for (const agent of [`${BEAT}while :; do beat; sleep 0.1; done`, 'exec sleep 300']) {
    const { folder, call, calls, called } = place(t, agent)
    // A heartbeat of an earlier agent, with another process ID.
    writeFileSync(join(folder, 'agent.json'), '{"pid":1,"startTime":"1","beat":1,"ready":true}\n')
    call('start')
    await called('agent', 1)
    await sleep(2500)
    t.same(calls(), ['agent'], agent)
    call('stop')
  }
})

t.test('after the keeper was killed, the next start ends what is left and continues', async (t) => {
  const { folder, call, called, takesSignals } = place(t, PATIENT)
  call('start')
  await takesSignals()
  const agent = Number(readFileSync(join(folder, 'agent-wsl.agent'), 'utf8'))
  const keeper = Number(readFileSync(join(folder, 'agent-wsl.pid'), 'utf8'))
  t.teardown(() => {
    try {
      process.kill(-keeper, 'SIGKILL')
    } catch {
      // All of its process group has ended, as intended.
    }
  })
  process.kill(keeper, 'SIGKILL')
  while (call('status').status !== 3) await sleep(10)
  call('start')
  await called('agent', 2)
  // If process 1 is not an init, a dead process stays as a zombie without a command line.
  const path = `/proc/${String(agent)}/cmdline`
  t.equal(existsSync(path) ? readFileSync(path, 'utf8') : '', '', 'the first agent has ended')
  t.equal(call('stop').status, 0)
})

t.test('a missing program and an unknown word are reported', (t) => {
  const { folder, call } = place(t, PATIENT)
  t.match(call('perhaps'), { status: 2, said: /usage: agent-wsl.sh start \| stop/ })
  writeFileSync(join(folder, 'agent'), '')
  chmodSync(join(folder, 'agent'), 0o600)
  t.match(call('start'), { status: 1, said: /missing or not executable/ })
  t.end()
})
