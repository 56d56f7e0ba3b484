// The command line on a terminal: colour, progress, and questions. script(1) makes the terminal.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t from 'tap'
import { EXECUTABLE, whyNoHost } from '../../fixtures/host/cni.ts'
import { serveApi } from '../../../src/api/server.ts'
import { pathView, statusView } from '../../fixtures/agent/views.ts'
import { makeHost } from '../../fixtures/host/host.ts'
import { join } from 'node:path'

const skip = whyNoHost()
const COLOUR = /\p{Cc}\[3[123]m/u

/** Runs a command line on a terminal; `answer` is typed. */
function onTerminal(line: string, env: Record<string, string> = {}, answer = ''): string {
  const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...env },
    input: answer,
    encoding: 'utf8',
  })
  return stdout
}

t.test('colour is used on terminals unless it is switched off', { skip }, async (t) => {
  const line = `${EXECUTABLE} status`
  t.match(onTerminal(line), COLOUR)
  t.notMatch(onTerminal(line, { NO_COLOR: '1' }), COLOUR)
  t.notMatch(onTerminal(line, { TERM: 'dumb' }), COLOUR)
  t.notMatch(onTerminal(`${line} | cat`), COLOUR)
  t.notMatch(onTerminal(`${line} --json`), COLOUR)
})

t.test('progress is shown on a terminal and nowhere else', { skip }, async (t) => {
  const file = join(t.testdir(), 'x.tar.gz')
  const shown = onTerminal(`${EXECUTABLE} bundle -o ${file} >/dev/null`)
  t.match(shown, /check\.json/)
  t.match(shown, /\p{Cc}\[K$/u, 'it is erased in the end')
  t.equal(onTerminal(`${EXECUTABLE} bundle -o ${file} >/dev/null 2>${file}.err`), '')
  t.ok(existsSync(file))
})

t.test('drill starts only after a yes', { skip }, async (t) => {
  const host = await makeHost(t)
  let drills = 0
  const server = await serveApi(join(host.folder, 'run'), {
    'GET /v1/status': () => statusView([pathView()]),
    'POST /v1/drill': async function* () {
      drills += 1
      yield { kind: 'failed', message: 'no drill', details: 'today' }
    },
  })
  t.teardown(() => server.close())
  await host.cli(['version'])
  const mounts = [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-ec',
    ON_TERMINAL,
    'sh',
    host.folder,
    EXECUTABLE,
  ]
  const play = (answer: string) => typed('unshare', mounts, '[y/N]', answer)
  const no = await play('n\n')
  t.match(no, /Block the direct path to host-b for 2\.0 s\?.*expires even if/s)
  t.match(no, /drill not started/)
  for (const [name, key] of [
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ] as const) {
    const said = await play(key)
    t.match(said, /drill not started/, name)
    t.notMatch(said, /\n\s+at /, name)
  }
  t.equal(drills, 0)
  t.match(await play('y\n'), /no drill/)
  t.equal(drills, 1)
})

t.test('Ctrl-C in check --wait and --watch ends with the last report', { skip }, async (t) => {
  const host = await makeHost(t)
  for (const [mode, seen] of [
    ['--wait 60s', 'checking again'],
    ['--watch', ' failed'],
  ] as const) {
    const line = `${EXECUTABLE} check --group CERT ${mode}`
    const args = [`--net=${host.netns.path}`, 'script', '-qec', line, '/dev/null']
    const said = await typed('nsenter', args, seen, '\u0003')
    t.match(said, /--explain CERT/)
    t.match(said.split('^C').at(-1) ?? '', /\d+ failed/, mode)
  }
})

/** Runs a program, types `answer` once it has printed `prompt`, and returns everything that it printed. */
async function typed(file: string, args: readonly string[], prompt: string, answer: string): Promise<string> {
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm' },
    timeout: 600_000,
  })
  let said = ''
  let isAnswered = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (!isAnswered && said.includes(prompt)) {
      isAnswered = true
      child.stdin.write(answer)
    }
  })
  await once(child, 'close')
  return said
}

// Mounts the host's settings as /etc/flatnet, as the fixture's `cli` does.
const ON_TERMINAL = `mkdir -p "$1/upper" "$1/work2"
mount -t overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work2" none /etc; mkdir -p /etc/flatnet
cp "$1/flatnet.json" /etc/flatnet/flatnet.json
exec script -qec "$2 drill host-b --for 2s" /dev/null`
