import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { whyNotWritable } from '../../../../src/state/files/writable.ts'

t.test('a folder that can be written or created is fine, and nothing is left in it', async (t) => {
  const dir = t.testdir({ state: {} })
  t.equal(whyNotWritable(join(dir, 'state')), undefined)
  t.equal(whyNotWritable(join(dir, 'state/a/b')), undefined)
  t.same(readdirSync(join(dir, 'state')), [])
})

t.test('an obstacle is named', async (t) => {
  const dir = t.testdir({ file: '', link: t.fixture('symlink', '/not/mounted') })
  t.equal(whyNotWritable(join(dir, 'link/a')), `${dir}/link is a dangling link`)
  t.equal(whyNotWritable(join(dir, 'file')), `${dir}/file is not a folder`)
})

const skip = process.getuid?.() === 0 ? false : 'mounting needs root'

t.test('mounts that refuse writes', { skip }, async (t) => {
  const dir = t.testdir({ state: {}, disk: {} })
  const module = new URL('../../../../src/state/files/writable.ts', import.meta.url).href
  const source =
    `import { whyNotWritable } from ${JSON.stringify(module)}; ` +
    'process.stdout.write(String(whyNotWritable(process.argv[1])))'
  for (const [name, script, seen] of [
    ['read-only', 'mount -t tmpfs -o ro none state', /^DIR\/state: EROFS: read-only file system$/],
    [
      'full',
      'mount -t tmpfs -o size=64k none state; head -c 1M /dev/zero >state/f 2>/dev/null || true',
      /^DIR\/state: ENOSPC/,
    ],
    ['without inodes', 'mount -t tmpfs -o nr_inodes=2 none state; : >state/f', /^DIR\/state: ENOSPC/],
    ['deleted below', 'mount --bind disk state; rmdir disk', /^DIR\/state was deleted below its mount$/],
  ] as const) {
    // prettier-ignore
    const text = `set -e; cd "$DIR"; ${script}; "$NODE" --input-type=module -e "$SOURCE" "$DIR/state"`
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', text],
      {
        env: { PATH: process.env['PATH'], DIR: dir, NODE: process.execPath, SOURCE: source },
        encoding: 'utf8',
      },
    )
    t.match(stdout.replace(dir, 'DIR'), seen, `${name} ${stderr}`)
  }
})
