import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import {
  createFile,
  makeFolder,
  readText,
  removeFile,
  removeFileHolding,
  replaceFile,
} from '../../../../src/state/files/atomic.ts'

for (const durable of [true, false]) {
  t.test(`a file is created once, ${durable ? 'durable' : 'quick'}`, async (t) => {
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

t.test('a file is removed only if its content is still the one that was read', async (t) => {
  const dir = t.testdir({ a: 'theirs' })
  t.equal(removeFileHolding(join(dir, 'a'), 'ours'), false)
  t.equal(readText(join(dir, 'a')), 'theirs')
  t.equal(removeFileHolding(join(dir, 'a'), 'theirs'), true)
  t.equal(removeFileHolding(join(dir, 'a'), 'theirs'), false)
  t.same(readdirSync(dir), [])
})

t.test('an absent file has no text and needs no removal', async (t) => {
  const dir = t.testdir()
  t.equal(readText(join(dir, 'a')), undefined)
  removeFile(join(dir, 'a'))
})

t.test('folders are private to their owner, and a file in their place is reported', async (t) => {
  const dir = t.testdir({ file: '' })
  makeFolder(join(dir, 'a/b'))
  makeFolder(join(dir, 'a/b'))
  t.equal(statSync(join(dir, 'a')).mode & 0o777, 0o700)
  t.throws(() => makeFolder(join(dir, 'file/b')), {
    code: CniCode.IoFailure,
    message: 'cannot use the state directory',
    details: new RegExp(`^${dir}/file/b: ENOTDIR: not a directory; a file is where a folder should be`),
  })
  t.throws(() => makeFolder(join(dir, 'file')), {
    code: CniCode.IoFailure,
    details: /file: ENOTDIR: not a directory; a file is where/,
  })
  t.throws(() => readText(dir), { code: CniCode.IoFailure, details: new RegExp(`^${dir}: EISDIR`) })
})

t.test('a folder behind a dangling link is refused, and the link named', async (t) => {
  const dir = t.testdir({ state: t.fixture('symlink', '/not/mounted') })
  t.throws(() => makeFolder(join(dir, 'state/leases')), {
    code: CniCode.IoFailure,
    details: new RegExp(`^${dir}/state: ENOENT: it is a dangling link; .*create or mount it again$`),
  })
})

const WORKER = fileURLToPath(new URL('../../../fixtures/state/lease-worker.ts', import.meta.url))

/**
 * Runs a shell script in its own mount namespace: $DIR is a tmpfs of 1 MB there, `worker` the store's worker.
 */
function inOwnMounts(
  dir: string,
  script: string,
): { files: string[]; error: { code: number; details: string } } {
  const text =
    'set -e; mount -t tmpfs -o size=1m none "$DIR"; ' + `worker() { "$NODE" "$WORKER" "$@"; }; ${script}`
  const { stdout, stderr } = spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', text], {
    env: { PATH: process.env['PATH'], DIR: dir, NODE: process.execPath, WORKER },
    encoding: 'utf8',
  })
  return { files: stdout.split('\n').filter((line) => line !== ''), error: JSON.parse(stderr) }
}

const skip = process.getuid?.() === 0 ? false : 'mounting needs root'

t.test('a full disk is reported with nothing half done, and release still works', { skip }, async (t) => {
  const dir = t.testdir()
  const fill = 'head -c 2M /dev/zero > "$DIR/filler" 2>/dev/null || true'
  const { files, error } = inOwnMounts(
    dir,
    `worker hold "$DIR" a 2 >/dev/null; ${fill}; worker hold "$DIR" b || true; ` +
      'worker drop "$DIR" a; cd "$DIR"; find . -type f | sort',
  )
  t.equal(error.code, CniCode.IoFailure)
  t.match(
    error.details,
    new RegExp(`^${dir}/(attachments|leases)/.*: ENOSPC: no space left on device; free some`),
  )
  t.same(files, ['./attachments/flatnet/a-1:eth0', './filler', './leases/10.87.1.11', './ports'])
})

t.test('a read-only state directory is reported with the next step', { skip }, async (t) => {
  const dir = t.testdir()
  const { files, error } = inOwnMounts(
    dir,
    'worker hold "$DIR" a >/dev/null; mount -o remount,ro "$DIR"; worker hold "$DIR" b || true; ' +
      'cd "$DIR"; find leases attachments -type f',
  )
  t.equal(error.code, CniCode.IoFailure)
  t.match(
    error.details,
    new RegExp(`^${dir}/lock: EROFS: read-only file system; remount .* or set stateDir to`),
  )
  t.same(files, ['leases/10.87.1.10', 'attachments/flatnet/a-0:eth0'])
})

t.test('a folder deleted below its mount is refused without endless retries', { skip }, async (t) => {
  const dir = t.testdir({ disk: {} })
  const { files, error } = inOwnMounts(
    dir,
    'mkdir "$DIR/disk" "$DIR/state"; mount --bind "$DIR/disk" "$DIR/state"; ' +
      'rmdir "$DIR/disk"; worker hold "$DIR/state" a || true; echo ended',
  )
  t.same(files, ['ended'])
  t.equal(error.code, CniCode.IoFailure)
  t.match(error.details, new RegExp(`^${dir}/state/leases: ENOENT: .*was deleted below its mount`))
})

t.test('a folder of another user is reported', { skip }, async (t) => {
  const dir = t.testdir()
  mkdirSync(join(dir, 'state'), { mode: 0o700 })
  const module = new URL('../../../../src/state/files/atomic.ts', import.meta.url).href
  const source = `import { makeFolder } from ${JSON.stringify(module)}
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
