import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type Ip, parseIp } from '../../../../src/addr/ip.ts'
import type { TransitionView } from '../../../../src/views/paths.ts'
import { KEPT, openPathHistory } from '../../../../src/state/agent/path-history.ts'

const MODULE = join(import.meta.dirname, '../../../../src/state/agent/path-history.ts')

const B = parseIp('10.86.2.1') as Ip
const SIX = parseIp('fd86:0:0::2') as Ip

function transition(epoch: number, detail = 'no answer for 812 ms'): TransitionView {
  const at = new Date(1_764_166_711_000 + epoch).toISOString()
  return { at, peer: 'b', from: 'P2P_ACTIVE', to: 'GATEWAY_FALLBACK', reason: 'silence', detail, epoch }
}

function open(dir: string) {
  const warnings: string[] = []
  const history = openPathHistory(dir, (path, line) => warnings.push(`${path}:${String(line)}`))
  return { history, warnings }
}

t.test('an unknown peer has no history, and the query creates nothing', (t) => {
  const dir = t.testdir()
  t.same(open(dir).history.read(B), [])
  t.same(readdirSync(dir), [])
  t.end()
})

t.test("a restarted agent finds its predecessor's history for each peer, readable by root only", (t) => {
  const dir = t.testdir()
  open(dir).history.append(B, transition(1))
  const { history, warnings } = open(dir)
  history.append(B, transition(2, 'line\nfeed "quoted"'))
  history.append(SIX, transition(7))
  t.same(history.read(B), [transition(1), transition(2, 'line\nfeed "quoted"')])
  t.same(history.read(SIX), [transition(7)])
  t.same(warnings, [])
  t.same(readdirSync(join(dir, 'history')), ['10.86.2.1.jsonl', 'fd86::2.jsonl'])
  t.equal(statSync(join(dir, 'history/10.86.2.1.jsonl')).mode & 0o777, 0o600)
  t.equal(statSync(join(dir, 'history')).mode & 0o777, 0o700)
  t.end()
})

t.test('the last 200 are kept, and the file does not grow beyond twice that', (t) => {
  const dir = t.testdir()
  const path = join(dir, 'history/10.86.2.1.jsonl')
  let longest = 0
  let { history } = open(dir)
  for (let epoch = 1; epoch <= 1000; epoch += 1) {
    if (epoch % 90 === 0) ({ history } = open(dir))
    history.append(B, transition(epoch))
    longest = Math.max(longest, readFileSync(path, 'utf8').split('\n').length - 1)
  }
  t.equal(longest, 2 * KEPT)
  const epochs = history.read(B).map(({ epoch }) => epoch)
  t.same(
    epochs,
    Array.from({ length: KEPT }, (_, index) => 801 + index),
  )
  t.same(readdirSync(join(dir, 'history')), ['10.86.2.1.jsonl'])
  t.end()
})

t.test('damaged lines are left out and named once', (t) => {
  const dir = t.testdir({ history: {} })
  const path = join(dir, 'history/10.86.2.1.jsonl')
  const good = (epoch: number) => `${JSON.stringify(transition(epoch))}\n`
  const wrong = { ...transition(3), reason: 'sunspots' }
  writeFileSync(path, `${good(1)}\0\0\0\n${JSON.stringify(wrong)}\nnull\n[]\n{}\n${good(2)}`)
  const { history, warnings } = open(dir)
  for (let round = 0; round < 3; round += 1)
    t.same(
      history.read(B).map(({ epoch }) => epoch),
      [1, 2],
    )
  t.same(warnings, [`${path}:2`])
  t.end()
})

t.test('a line cut off at any point costs only that line', (t) => {
  const dir = t.testdir()
  const path = join(dir, 'history/10.86.2.1.jsonl')
  open(dir).history.append(B, transition(1))
  const one = readFileSync(path)
  for (let cut = 0; cut <= one.length; cut += 1) {
    truncateSync(path, 0)
    appendFileSync(path, Buffer.concat([one, one.subarray(0, cut)]))
    const { history } = open(dir)
    history.append(B, transition(3))
    const whole = cut >= one.length - 1
    t.same(
      history.read(B).map(({ epoch }) => epoch),
      whole ? [1, 1, 3] : [1, 3],
      `${String(cut)} bytes`,
    )
  }
  t.end()
})

t.test('a detail of any length does not fill the disk', (t) => {
  const { history } = open(t.testdir())
  history.append(B, transition(1, 'x'.repeat(1_000_000)))
  t.equal(history.read(B)[0]?.detail.length, 500)
  t.end()
})

t.test('an agent killed while it writes loses nothing it had written', async (t) => {
  const dir = t.testdir()
  const program = `
    import { writeSync } from 'node:fs'
    import { openPathHistory } from ${JSON.stringify(MODULE)}
    const history = openPathHistory(process.argv[1], () => {})
    const rest = {
      at: '2026-01-01T00:00:00.000Z', peer: 'b',
      from: 'P2P_ACTIVE', to: 'GATEWAY_FALLBACK', reason: 'loss',
    }
    for (let epoch = Number(process.argv[2]); ; epoch += 1) {
      history.append({ family: 4, value: ${String(B.value)}n }, { ...rest, detail: '', epoch })
      writeSync(1, epoch + '\\n')
    }`
  let last = 0
  for (let round = 0; round < 8; round += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, dir, String(last + 1)])
    let said = ''
    child.stdout.on('data', (part) => (said += String(part)))
    await once(child.stdout, 'data')
    await sleep(20 + 13 * round)
    child.kill('SIGKILL')
    await once(child, 'close')
    last = Number(said.trimEnd().split('\n').at(-1))
    const { history, warnings } = open(dir)
    const epochs = history.read(B).map(({ epoch }) => epoch)
    // If killed between its write and its message, it may have written one more.
    const newest = epochs.at(-1) ?? 0
    t.ok(newest === last || newest === last + 1, `wrote ${String(newest)}, said ${String(last)}`)
    t.same(
      epochs,
      epochs.map((_, index) => newest - epochs.length + 1 + index),
      'one after another',
    )
    t.same(warnings, [])
    last = newest
  }
})
