// The built executable as a runtime sees it: a file that is run with an environment and standard input.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'

const ROOT = join(import.meta.dirname, '../../..')
const EXECUTABLE = join(ROOT, 'dist', 'flatnet-cni')
const skip = existsSync(EXECUTABLE) ? false : 'dist/flatnet-cni is not there: npm run build'
const ANSWER = {
  cniVersion: '1.1.0',
  supportedVersions: ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'],
}

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function call(env: Record<string, string>, input = '', file = EXECUTABLE, args: string[] = []): Ended {
  const { status, stdout, stderr } = spawnSync(file, args, { env, input, encoding: 'utf8' })
  return { status, stdout, stderr }
}

async function callWithOpenStdin(t: Test, env: Record<string, string>): Promise<Ended> {
  const child = spawn(EXECUTABLE, { env, stdio: 'pipe' })
  t.teardown(() => child.kill('SIGKILL'))
  const texts = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, ...texts }
}

t.test('VERSION is answered', { skip }, async (t) => {
  const isAnswer = (ended: Ended, name: string) => {
    t.equal(ended.status, 0, `${name}: exit code`)
    t.equal(ended.stderr, '', `${name}: nothing on standard error`)
    t.same(JSON.parse(ended.stdout), ANSWER, name)
  }
  const version = { CNI_COMMAND: 'VERSION' }
  isAnswer(call(version), 'with nothing else in the environment')
  isAnswer(await callWithOpenStdin(t, version), 'while stdin stays open')
  isAnswer(call(version, '{"cniVersion":"0.4.0"}'), 'with any version in the configuration')
  isAnswer(call(version, 'no JSON at all'), 'without reading standard input')
  isAnswer(call({ ...version, CNI_NETNS: 'dummy', CNI_IFNAME: 'dummy', CNI_PATH: 'dummy' }), 'as libcni asks')

  const link = join(t.testdir(), 'flatnet-ipam')
  symlinkSync(EXECUTABLE, link)
  isAnswer(call(version, '', link), 'through a link with another name')
})

t.test("Node's own variables in a runtime's environment change nothing", { skip }, async (t) => {
  for (const NODE_OPTIONS of ['--require /no/such/file', '--no-such-option', '--inspect=0']) {
    const { status, stdout, stderr } = call({ CNI_COMMAND: 'VERSION', NODE_OPTIONS })
    t.same({ status, stderr }, { status: 0, stderr: '' }, NODE_OPTIONS)
    t.same(JSON.parse(stdout), ANSWER)
  }
})

t.test('a waiting call has few threads, and SIGUSR1 opens no debugger', { skip }, async (t) => {
  const child = spawn(EXECUTABLE, { env: { CNI_COMMAND: 'STATUS' }, stdio: ['pipe', 'ignore', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = once(child, 'close')
  const folder = `/proc/${String(child.pid)}`
  // read(0, …), on x64 and arm64.
  const readsStdin = /^(?:0|63) 0x0 /
  await waitUntil('it reads stdin', 10_000, async () =>
    readsStdin.test(readFileSync(`${folder}/syscall`, 'utf8')),
  )
  // Its own, one of V8's, and the one that gives V8's delayed tasks out.
  t.equal(readdirSync(`${folder}/task`).length, 3, 'threads')
  t.ok(child.kill('SIGUSR1'))
  child.stdin.end('{}')
  t.same(await ended, [1, null], 'it goes on and answers')
  t.equal(stderr, '')
})

t.test('an unknown verb gives an error object on standard output', { skip }, async (t) => {
  const { status, stdout, stderr } = call({ CNI_COMMAND: 'FROBNICATE' }, '{}')
  t.equal(status, 1)
  t.equal(stderr, '')
  t.match(JSON.parse(stdout), { code: 4, details: /CNI_COMMAND=FROBNICATE/ })
})

t.test('without CNI_COMMAND it is the command line', { skip }, async (t) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  for (const env of [{}, { CNI_COMMAND: '' }] as Record<string, string>[]) {
    const { status, stdout, stderr } = call(env, '', EXECUTABLE, ['version'])
    t.same({ status, stderr }, { status: 0, stderr: '' })
    t.match(stdout, version)
  }
  t.equal(call({}, '', EXECUTABLE, ['no-such-command']).status, 2)
})

t.test('V8 accepts the built-in code caches', { skip }, async (t) => {
  const check = { FLATNET_BUILD_CHECK: '1' }
  t.equal(call({ ...check, CNI_COMMAND: 'FROBNICATE' }, '{}').stderr, '', 'of the verbs')
  t.equal(call({ ...check, CNI_COMMAND: 'DEL' }, '{}').stderr, '', 'of DEL')
  t.equal(call(check, '', EXECUTABLE, ['version']).stderr, '', 'of the command line')
})
