// The fixed scripts with stand-ins for `ip`, `nsenter` and `nft` that write down what they get.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { waitUntil } from '../../../../scripts/lab/run.ts'
import { CniCode } from '../../../../src/cni/error.ts'
import { attachByScript, deleteLinkByScript } from '../../../../src/exec/network/scripts.ts'
import { makePrograms } from '../../../fixtures/exec/programs.ts'

// Writes its arguments and its standard input into files, and says its own name.
const RECORD = 'echo "$*" >"$0.args"; cat >"$0.input"; echo "${0##*/} here"'

/** Makes the three programs, as the only ones beside a shell's own, and this process a runtime's call. */
function programs(t: Test, scripts: Readonly<Record<string, string>> = {}): string {
  process.env['CNI_COMMAND'] = 'ADD'
  t.teardown(() => delete process.env['CNI_COMMAND'])
  return makePrograms(t, { ip: RECORD, nsenter: RECORD, nft: RECORD, ...scripts })
}

const LINK = 'veth0123456789'
const PLAN = { hostLink: LINK, netns: '/run/netns/c 1', host: 'link\n', container: 'address\n', nft: [] }
const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')

for (const isHidden of [false, true]) {
  t.test(isHidden ? 'without the binding' : 'with the binding', async (t) => {
    if (isHidden) {
      const before = Object.getOwnPropertyDescriptor(process, 'binding')
      Object.defineProperty(process, 'binding', { value: undefined, configurable: true })
      t.teardown(() => before && Object.defineProperty(process, 'binding', before))
    }

    t.test('each command gets its text, and answers on its own', async (t) => {
      const folder = programs(t)
      const outcome = await attachByScript({ ...PLAN, nft: ['list a\n'] })
      t.same(outcome, {
        host: { exitCode: 0, stdout: '', stderr: '' },
        container: { exitCode: 0, stdout: '', stderr: '' },
        nft: ['nft here\n'],
      })
      t.equal(read(folder, 'ip.args'), '-batch -\n')
      t.equal(read(folder, 'ip.input').trim(), 'link')
      t.equal(read(folder, 'nsenter.args'), '--net=/run/netns/c 1 ip -batch -\n')
      t.equal(read(folder, 'nsenter.input').trim(), 'address')
      t.equal(read(folder, 'nft.args'), '--terse -f -\n')
      t.equal(read(folder, 'nft.input').trim(), 'list a')
    })

    t.test('three nft keep their answers apart, and one that fails has none', async (t) => {
      programs(t, { nft: 'read -r word; echo "$word"; [ "$word" != two ]' })
      const { nft } = (await attachByScript({ ...PLAN, nft: ['one\n', 'two\n', 'three\n'] })) ?? {}
      t.same(nft, ['one\n', undefined, 'three\n'])
    })

    t.test('a shell reads no text as code', async (t) => {
      for (const text of [
        '$(touch canary)',
        '`touch canary`',
        '${IFS}',
        'END',
        'END\ntouch canary',
        "'",
        '"',
      ]) {
        const folder = programs(t)
        await attachByScript({ ...PLAN, host: text, container: text, nft: [text] })
        for (const name of ['ip', 'nsenter', 'nft']) t.equal(read(folder, `${name}.input`).trim(), text)
        t.notOk(existsSync('canary'))
      }
    })

    t.test('a long text arrives whole', async (t) => {
      const folder = programs(t)
      const host = 'link set dev veth0 up\n'.repeat(4000)
      await attachByScript({ ...PLAN, host })
      t.equal(read(folder, 'ip.input').trim(), host.trim())
    })

    t.test("after the host's refusal the container's part is not run", async (t) => {
      const folder = programs(t, { ip: 'cat >/dev/null; echo "Command failed -:1" >&2; exit 2' })
      const outcome = await attachByScript(PLAN)
      t.same(outcome?.host, { exitCode: 2, stdout: '', stderr: 'Command failed -:1\n' })
      t.equal(outcome?.container, undefined)
      t.notOk(existsSync(join(folder, 'nsenter.args')))
    })

    t.test("the container's refusal is told apart", async (t) => {
      programs(t, { nsenter: 'cat >/dev/null; echo refused >&2; exit 1' })
      const outcome = await attachByScript(PLAN)
      t.same(outcome?.host.stderr, '')
      t.same(outcome?.container, { exitCode: 1, stdout: '', stderr: 'refused\n' })
    })

    t.test('an ip killed by a signal is a failure that names it', async (t) => {
      programs(t, { ip: 'kill -9 $$' })
      await t.rejects(attachByScript(PLAN), {
        code: CniCode.IoFailure,
        message: 'command did not end',
        details: '"ip -batch -" was killed by signal 9',
      })
    })

    t.test('what is not fit for a script is left to the caller', async (t) => {
      const folder = programs(t)
      for (const unfit of [
        { host: 'a\\nb' },
        { container: 'ü' },
        { nft: ['\0'] },
        { nft: ['a', 'b', 'c', 'd'] },
        { host: 'a'.repeat(100_001) },
        { netns: 'run/netns/c1' },
      ]) {
        t.equal(await attachByScript({ ...PLAN, ...unfit }), undefined, Object.keys(unfit).join())
      }
      delete process.env['CNI_COMMAND']
      t.equal(await attachByScript(PLAN), undefined, 'in a command line')
      t.notOk(existsSync(join(folder, 'ip.args')), 'nothing was run')
    })

    t.test('a link is deleted unless nft refuses its text', async (t) => {
      const folder = programs(t)
      t.equal(await deleteLinkByScript(LINK, 'delete element\n'), true)
      await waitUntil('ip', 10_000, async () => existsSync(join(folder, 'ip.input')))
      t.equal(read(folder, 'ip.args'), `link delete dev ${LINK}\n`)
      t.equal(read(folder, 'nft.input').trim(), 'delete element')
      const refusing = programs(t, { nft: 'cat >/dev/null; exit 1' })
      t.equal(await deleteLinkByScript(LINK, 'delete element\n'), false)
      t.notOk(existsSync(join(refusing, 'ip.args')))
    })
  })
}

t.test("a plugin that was killed does not reach the container's part", async (t) => {
  // The shell's parent is the plugin.
  const folder = programs(t, {
    ip: `cat >/dev/null; echo $PPID >"$0.shell"; read -r _ _ _ plugin _ </proc/$PPID/stat; kill -9 "$plugin"
while kill -0 "$plugin" 2>/dev/null; do sleep 0.02; done`,
  })
  const code = `import { attachByScript } from ${JSON.stringify(
    join(import.meta.dirname, '../../../../src/exec/network/scripts.ts'),
  )}
  await attachByScript(${JSON.stringify(PLAN)})`
  const plugin = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' })
  t.same(await once(plugin, 'exit'), [null, 'SIGKILL'])
  const shell = read(folder, 'ip.shell').trim()
  await waitUntil('the shell to end', 10_000, async () => !existsSync(`/proc/${shell}`))
  t.notOk(existsSync(join(folder, 'nsenter.args')))
})
