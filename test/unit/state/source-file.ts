import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CniCode } from '../../../src/cni/error.ts'
import { readOptional, readRequired } from '../../../src/state/source-file.ts'

t.test('a file is read, also through a link, and a missing one is no error unless it is needed', (t) => {
  const dir = t.testdir({ file: 'text' })
  symlinkSync('file', join(dir, 'link'))
  t.equal(readOptional(join(dir, 'link'), 'thing'), 'text')
  t.equal(readOptional(join(dir, 'none'), 'thing'), undefined)
  t.throws(() => readRequired(join(dir, 'none'), 'thing', 'make one'), {
    message: 'thing missing',
    details: /none: no such file; make one/,
  })
  t.end()
})

t.test('what would never end is not begun', (t) => {
  const dir = t.testdir({ folder: {} })
  const large = join(dir, 'large')
  writeFileSync(large, '')
  truncateSync(large, 5_000_000)
  for (const [path, says] of [
    ['/dev/zero', /^\/dev\/zero: is no regular file$/],
    [join(dir, 'folder'), /folder: is no regular file$/],
    [large, /large: is larger than 4194304 bytes$/],
  ] as const) {
    t.throws(() => readOptional(path, 'thing'), {
      code: CniCode.IoFailure,
      message: 'thing not readable',
      details: says,
    })
  }
  t.end()
})
