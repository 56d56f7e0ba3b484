// The archive, read by the standard tar.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { tarOf } from '../../../../../src/cli/commands/bundle/tar.ts'

t.test('tar reads the contents back', async (t) => {
  const folder = t.testdir()
  const long = `${'a'.repeat(90)}/${'b'.repeat(95)}.json`
  const entries = [
    { path: 'z/empty', bytes: Buffer.alloc(0) },
    { path: long, bytes: Buffer.from('long') },
    { path: 'a/block', bytes: Buffer.alloc(512, 'x') },
    { path: 'a/more', bytes: Buffer.from('東京\n') },
  ]
  writeFileSync(join(folder, 'x.tar'), tarOf(entries))
  const listed = execFileSync('tar', ['tf', join(folder, 'x.tar')], { encoding: 'utf8' })
  t.same(listed.trim().split('\n'), ['a/block', 'a/more', long, 'z/empty'])
  execFileSync('tar', ['xf', join(folder, 'x.tar'), '-C', folder])
  for (const { path, bytes } of entries) t.ok(readFileSync(join(folder, path)).equals(bytes), path)
})

t.test('the same files in any order make the same bytes', async (t) => {
  const [one, two] = [
    { path: 'a', bytes: Buffer.from('1') },
    { path: 'b', bytes: Buffer.from('2') },
  ] as const
  t.ok(tarOf([one, two]).equals(tarOf([two, one])))
})

t.test('a path that the format cannot hold is refused', async (t) => {
  t.throws(() => tarOf([{ path: 'x'.repeat(101), bytes: Buffer.alloc(0) }]), RangeError)
})
