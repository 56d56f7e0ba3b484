// Invalid command lines, and an archive in place of another file.
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { EXECUTABLE, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost } from '../../fixtures/host/host.ts'

const skip = whyNoHost()
const call = (...argv: readonly string[]) => {
  const [file = '', ...args] = argv
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

t.test('a usage error is a JSON document too', { skip }, async (t) => {
  for (const [args, message, code] of [
    [['statsu'], /unknown command 'statsu'; did you mean status/, 2],
    [['path', '--nonsense'], /unknown option/, 3],
    [['ipam', 'show'], /missing required argument/, 3],
  ] as const) {
    const { status, stdout, stderr } = call(EXECUTABLE, ...args, '--json')
    t.equal(status, code)
    t.match(JSON.parse(stdout), { version: 1, error: { code: 4, message } })
    t.match(stderr, message)
    t.equal(call(EXECUTABLE, ...args).stdout, '', 'but only with --json')
  }
})

t.test('only the first word can start the agent', { skip }, async (t) => {
  const { status, stderr } = call(EXECUTABLE, '--', 'agent')
  t.equal(status, 2)
  t.match(stderr, /agent must be the first argument/)
  t.notMatch(stderr, /\n\s+at /)
})

t.test('an archive is private to its owner, whatever file it replaces', { skip }, async (t) => {
  const host = await makeHost(t)
  const file = join(host.folder, 'mine.tar.gz')
  writeFileSync(file, 'before')
  chmodSync(file, 0o666)
  chownSync(file, 65534, 65534)
  // Listing it fails: it is not a folder.
  const peers = join(host.folder, 'peers-file')
  writeFileSync(peers, '')
  const { exitCode, stdout, stderr } = await host.cli(['bundle', '-o', file, '--json'], { peers })
  t.equal(exitCode, 0, stderr)
  t.match(statSync(file), { uid: 0 })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(
    readdirSync(host.folder).filter((name) => name.startsWith('mine')),
    ['mine.tar.gz'],
    'no other file',
  )
  t.match((JSON.parse(stdout) as { failures: unknown }).failures, [{ part: /^peers\// }])
  const full = await host.cli(['bundle', '-o', '/dev/full'])
  t.match(full, { exitCode: 3, stderr: /ENOSPC/ })
  t.ok(existsSync('/dev/full') && statSync('/dev/full').isCharacterDevice(), 'a device stays a device')
})
