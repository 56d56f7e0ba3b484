import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { CniCode } from '../../../src/cni/error.ts'
import {
  createFile,
  makeFolder,
  readText,
  removeFile,
  removeFileHolding,
  replaceFile,
} from '../../../src/state/atomic.ts'

for (const durable of [true, false]) {
  t.test(`a file is made once, ${durable ? 'durable' : 'quick'}`, async (t) => {
    const dir = t.testdir()
    t.equal(createFile(join(dir, 'a'), 'first'), true)
    t.equal(createFile(join(dir, 'a'), 'second'), false)
    t.equal(readFileSync(join(dir, 'a'), 'utf8'), 'first')
    replaceFile(join(dir, 'a'), 'third', durable)
    t.equal(readText(join(dir, 'a')), 'third')
    t.equal(statSync(join(dir, 'a')).mode & 0o777, 0o600)
    t.same(readdirSync(dir), ['a'])
  })
}

t.test('a file is removed only if it holds what it was seen to hold', async (t) => {
  const dir = t.testdir({ a: 'theirs' })
  t.equal(removeFileHolding(join(dir, 'a'), 'ours'), false)
  t.equal(readText(join(dir, 'a')), 'theirs')
  t.equal(removeFileHolding(join(dir, 'a'), 'theirs'), true)
  t.equal(removeFileHolding(join(dir, 'a'), 'theirs'), false)
  t.same(readdirSync(dir), [])
})

t.test('what is not there is no text and needs no removal', async (t) => {
  const dir = t.testdir()
  t.equal(readText(join(dir, 'a')), undefined)
  removeFile(join(dir, 'a'))
})

t.test('a temporary file of a killed process with this process ID is passed over', async (t) => {
  const dir = t.testdir()
  for (let i = 0; i < 50; i++) writeFileSync(join(dir, `.tmp-${String(process.pid)}-${String(i)}`), '')
  replaceFile(join(dir, 'a'), 'text', false)
  t.equal(readText(join(dir, 'a')), 'text')
})

t.test('folders are made for their owner alone, and a file in their place is named', async (t) => {
  const dir = t.testdir({ file: '' })
  makeFolder(join(dir, 'a/b'))
  makeFolder(join(dir, 'a/b'))
  t.equal(statSync(join(dir, 'a')).mode & 0o777, 0o700)
  t.throws(() => makeFolder(join(dir, 'file/b')), {
    code: CniCode.IoFailure,
    message: 'cannot use the state directory',
    details: new RegExp(`^${dir}/file/b: ENOTDIR: not a directory; a file stands where a folder should be`),
  })
  t.throws(() => readText(dir), { code: CniCode.IoFailure, details: new RegExp(`^${dir}: EISDIR`) })
})

const WORKER = fileURLToPath(new URL('../../fixtures/lease-worker.ts', import.meta.url))

/** Runs a shell script in a mount namespace of its own: $DIR is a tmpfs of 1 MB there, `worker` the store's. */
function inOwnMounts(
  dir: string,
  script: string,
): { files: string[]; error: { code: number; details: string } } {
  const text = `set -e; mount -t tmpfs -o size=1m none "$DIR"; worker() { "$NODE" "$WORKER" "$@"; }; ${script}`
  const { stdout, stderr } = spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', text], {
    env: { PATH: process.env['PATH'], DIR: dir, NODE: process.execPath, WORKER },
    encoding: 'utf8',
  })
  return { files: stdout.split('\n').filter((line) => line !== ''), error: JSON.parse(stderr) }
}

const skip = process.getuid?.() === 0 ? false : 'mounting needs root'

t.test('a full disk is named, with nothing half done, and giving back still works', { skip }, async (t) => {
  const dir = t.testdir()
  const fill = 'head -c 2M /dev/zero > "$DIR/filler" 2>/dev/null || true'
  const { files, error } = inOwnMounts(
    dir,
    `worker hold "$DIR" a 2 >/dev/null; ${fill}; worker hold "$DIR" b || true; worker drop "$DIR" a; cd "$DIR"; find . -type f | sort`,
  )
  t.equal(error.code, CniCode.IoFailure)
  t.match(
    error.details,
    new RegExp(`^${dir}/(attachments|leases)/.*: ENOSPC: no space left on device; free some`),
  )
  t.same(files, ['./attachments/flatnet/a-1:eth0', './filler', './leases/10.87.1.11', './ports'])
})

t.test('a read-only state directory is named with the way out', { skip }, async (t) => {
  const dir = t.testdir()
  const { files, error } = inOwnMounts(
    dir,
    'worker hold "$DIR" a >/dev/null; mount -o remount,ro "$DIR"; worker hold "$DIR" b || true; cd "$DIR"; find leases attachments -type f',
  )
  t.equal(error.code, CniCode.IoFailure)
  t.match(
    error.details,
    new RegExp(`^${dir}/lock: EROFS: read-only file system; remount .* or set stateDir to`),
  )
  t.same(files, ['leases/10.87.1.10', 'attachments/flatnet/a-0:eth0'])
})

t.test('a folder of another user is named', { skip }, async (t) => {
  const dir = t.testdir()
  mkdirSync(join(dir, 'state'), { mode: 0o700 })
  const source = `import { makeFolder } from ${JSON.stringify(new URL('../../../src/state/atomic.ts', import.meta.url).href)}
    process.setuid(65534); try { makeFolder(process.argv[1]) } catch (error) { console.log(error.details) }`
  const { stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', source, join(dir, 'state/leases')],
    {
      encoding: 'utf8',
    },
  )
  t.match(stdout, /state\/leases: EACCES: permission denied; run as root, or set stateDir/)
  t.equal(existsSync(join(dir, 'state/leases')), false)
})
