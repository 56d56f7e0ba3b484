// All ways of running a process against one table: real programs, made by the test where `ip` itself is not
// enough.

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { CniCode, type CniError } from '../../../src/cni/error.ts'
import { startBackground } from '../../../src/exec/background/start.ts'
import { run } from '../../../src/exec/run.ts'

const ROOT = join(import.meta.dirname, '../..', '..')
const needsRoot = process.getuid?.() === 0 ? false : 'needs root'

const WITHOUT_BINDING = 'spawnSync, for a verb of a Node without the binding'

/** Puts an `ip` that runs `script` in front of the real one until the test ends. */
function standIn(t: Test, script: string): string {
  const folder = t.testdir({ ip: `#!/bin/sh\n${script}\n` })
  chmodSync(join(folder, 'ip'), 0o755)
  setVariable(t, 'PATH', folder)
  return folder
}

// Makes this process one of a Node that no longer has the binding.
function hideBinding(t: Test): void {
  const before = Object.getOwnPropertyDescriptor(process, 'binding')
  t.ok(before, 'this Node has it')
  Object.defineProperty(process, 'binding', { value: undefined, configurable: true })
  t.teardown(() => before && Object.defineProperty(process, 'binding', before))
}

function setVariable(t: Test, name: string, value: string | undefined): void {
  const before = process.env[name]
  const assign = (to: string | undefined) => {
    if (to === undefined) delete process.env[name]
    else process.env[name] = to
  }
  assign(value)
  t.teardown(() => assign(before))
}

async function inNewNetns(t: Test): Promise<string> {
  const holder = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' })
  t.teardown(() => holder.kill('SIGKILL'))
  const path = `/proc/${holder.pid}/ns/net`
  while (readlinkSync(path) === readlinkSync('/proc/self/ns/net')) await sleep(5)
  return path
}

for (const [how, verb, word] of [
  ["the binding of Node's spawnSync, for a verb", 'ADD', undefined],
  [WITHOUT_BINDING, 'ADD', undefined],
  ['execa, for the command line', undefined, 'check'],
  ['spawn, for the agent', undefined, 'agent'],
] as const) {
  t.test(how, async (t) => {
    const argv = [...process.argv]
    if (how === WITHOUT_BINDING) hideBinding(t)
    t.before(() => {
      if (verb === undefined) delete process.env['CNI_COMMAND']
      else process.env['CNI_COMMAND'] = verb
      if (word !== undefined) process.argv[2] = word
    })
    t.after(() => process.argv.splice(0, Infinity, ...argv))

    t.test('the real ip answers, and standard output keeps its final newline', async (t) => {
      const { exitCode, stdout, stderr } = await run({ file: 'ip', args: ['-j', 'link', 'show', 'lo'] })
      t.equal(exitCode, 0)
      t.match(JSON.parse(stdout), [{ ifname: 'lo' }])
      t.ok(stdout.endsWith('\n'))
      t.equal(stderr, '')
    })

    for (const exitCode of [0, 1, 2, 255]) {
      t.test(`exit code ${exitCode} is a normal outcome`, async (t) => {
        standIn(t, `echo out; echo err >&2; exit ${exitCode}`)
        t.same(await run({ file: 'ip', args: [] }), { exitCode, stdout: 'out\n', stderr: 'err\n' })
      })
    }

    t.test('arguments reach the program unchanged, without a shell', async (t) => {
      standIn(t, 'for a; do printf "<%s>" "$a"; done')
      const args = ['a b', '$HOME', "it's", '', '*', '-batch', '-']
      t.equal((await run({ file: 'ip', args })).stdout, args.map((arg) => `<${arg}>`).join(''))
    })

    t.test('input is the whole standard input, and no input is an empty one', async (t) => {
      standIn(t, 'cat')
      const input = 'link set dev veth0 up\nröute\n'.repeat(50_000)
      t.equal((await run({ file: 'ip', args: [], input })).stdout, input)
      t.equal((await run({ file: 'ip', args: [] })).stdout, '')
    })

    t.test('a program that ends without reading standard input keeps its exit code', async (t) => {
      standIn(t, 'exec 0<&-; echo refused >&2; exit 2')
      const outcome = await run({ file: 'ip', args: [], input: 'x'.repeat(4_000_000) })
      t.same(outcome, { exitCode: 2, stdout: '', stderr: 'refused\n' })
    })

    t.test('the environment is PATH, followed by system folders, LC_ALL and nothing else', async (t) => {
      const folder = standIn(t, 'exec env -0')
      setVariable(t, 'LANG', 'ja_JP.UTF-8')
      const lines = (await run({ file: 'ip', args: [] })).stdout.split('\0').filter((line) => line !== '')
      // A shell adds PWD and the like, tap what its coverage needs.
      const ours = lines.filter((line) => !/^(PWD|OLDPWD|SHLVL|_|_TAPJS_.*|NODE_OPTIONS)=/.test(line))
      t.same(ours.sort(), ['LC_ALL=C', `PATH=${folder}:/usr/sbin:/sbin:/usr/bin:/bin`])
    })

    t.test('a caller without PATH still finds ip', async (t) => {
      setVariable(t, 'PATH', undefined)
      t.equal((await run({ file: 'ip', args: ['-V'] })).exitCode, 0)
    })

    t.test('a program killed by a signal is a failure that names it', async (t) => {
      standIn(t, 'kill -9 $$')
      await t.rejects(run({ file: 'ip', args: ['link'] }), {
        code: CniCode.IoFailure,
        message: 'command did not end',
        details: '"ip link" was killed by SIGKILL',
      })
    })

    t.test('a program that takes too long is killed', async (t) => {
      const folder = standIn(t, 'echo $$ > "${0%/*}/pid"; exec sleep 600')
      await t.rejects(run({ file: 'ip', args: ['monitor'], timeoutMs: 2000 }), {
        code: CniCode.IoFailure,
        message: 'command timed out',
        details: '"ip monitor" took longer than 2000 ms',
      })
      const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
      t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    })

    t.test('children of a script that takes too long do not extend the wait', async (t) => {
      const folder = standIn(t, 'sleep 600 & echo $! > "${0%/*}/pid"; wait')
      await t.rejects(run({ file: 'ip', args: [], timeoutMs: 1000 }), { message: 'command timed out' })
      process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')))
    })

    for (const netns of ['run/netns/x', '', '/run/netns/x\0']) {
      t.test(`${JSON.stringify(netns)} is refused as a netns before anything runs`, async (t) => {
        await t.rejects(run({ file: 'ip', args: [], netns }), { code: CniCode.InvalidNetns })
      })
    }

    t.test('a missing netns is an outcome, reported by nsenter', async (t) => {
      const { exitCode, stderr } = await run({ file: 'ip', args: ['link'], netns: '/run/netns/no such' })
      t.equal(exitCode, 1)
      t.match(stderr, '/run/netns/no such')
    })

    t.test('with a netns the program runs in it', { skip: needsRoot }, async (t) => {
      const netns = await inNewNetns(t)
      const { exitCode } = await run({
        file: 'ip',
        args: ['-batch', '-'],
        netns,
        input: 'link set dev lo up\n',
      })
      t.equal(exitCode, 0)
      const { stdout } = await run({ file: 'ip', args: ['-j', 'link', 'show'], netns })
      t.match(JSON.parse(stdout), [{ ifname: 'lo', flags: ['LOOPBACK', 'UP', 'LOWER_UP'] }])
      t.equal((JSON.parse(stdout) as unknown[]).length, 1, 'it has nothing of this host')
    })

    t.test('a missing program is named with its Debian package', { skip: needsRoot }, async (t) => {
      const folder = t.testdir({ 'caller.ts': CALLER, empty: {}, onlyNsenter: {} })
      copyFileSync('/usr/bin/nsenter', join(folder, 'onlyNsenter', 'nsenter'))
      for (const [programs, file, netns, missing, debianPackage] of [
        ['empty', 'ip', undefined, 'ip', 'iproute2'],
        ['empty', 'nft', undefined, 'nft', 'nftables'],
        ['empty', 'ip', '/proc/self/ns/net', 'nsenter', 'util-linux'],
        ['onlyNsenter', 'nft', '/proc/self/ns/net', 'nft', 'nftables'],
      ] as const) {
        const error = failure(folder, programs, JSON.stringify({ file, args: [], netns }))
        t.match(error, { code: CniCode.IoFailure, message: 'program missing' })
        t.match(error.details, `"${missing}" is not in `)
        t.match(error.details, debianPackage)
      }
    })
  })
}

const CALLER = `
import { run } from ${JSON.stringify(join(ROOT, 'src/exec/run.ts'))}
try {
  await run(JSON.parse(process.argv[3]))
} catch ({ code, message, details }) {
  console.log(JSON.stringify({ code, message, details }))
}
`

/**
 * Returns what `caller.ts` reports with `folder/programs` as the only programs, in its own mount namespace.
 */
function failure(folder: string, programs: string, command: string): CniError {
  const hide = 'mount --bind "$0" /usr/sbin; mount --bind "$0" /usr/bin; exec "$@"'
  const namespace = ['--mount', '--propagation', 'private', 'sh', '-ec', hide, join(folder, programs)]
  const caller = [process.execPath, join(folder, 'caller.ts'), process.argv[2] ?? '', command]
  const { stdout, stderr } = spawnSync('unshare', [...namespace, ...caller], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as CniError
}

t.test('a background process gives its output line by line, and gets only its own variables', async (t) => {
  setVariable(t, 'HANDED_DOWN', 'yes')
  setVariable(t, 'KEPT_BACK', 'yes')
  const lines: string[] = []
  const script =
    'printf "first\\nsec"; sleep 0.05; printf "ond %s,%s\\nunfinished" "$HANDED_DOWN" "$KEPT_BACK"'
  const { ended } = startBackground({
    file: 'sh',
    args: ['-c', script],
    onLine: (line) => lines.push(line),
    pass: ['HANDED_DOWN', 'NOT_THERE'],
  })
  await ended
  t.same(lines, ['first', 'second yes,'])
})

t.test('a process that cannot be started counts as ended', async (t) => {
  setVariable(t, 'PATH', t.testdir({}))
  const hidden = { file: 'sh', args: ['-c', 'x\0y'] } as const
  const { ended, pid } = startBackground(hidden)
  await ended
  t.equal(pid, undefined)
})

t.test('a background process ends when told to', async (t) => {
  const { ended, kill, pid } = startBackground({ file: 'sh', args: ['-c', 'exec sleep 600'] })
  kill()
  await ended
  t.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' })
})
