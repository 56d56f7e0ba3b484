import { execFileSync } from 'node:child_process'
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { decodeUnicode } from '../../../../src/config/source-text.ts'
import { readOptional, readRequired } from '../../../../src/state/files/source-file.ts'

t.test('a file is read, even through a link; a missing one is an error only if it is required', (t) => {
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

t.test('files that never end are not read', (t) => {
  const dir = t.testdir({ folder: {} })
  const pipe = join(dir, 'pipe')
  execFileSync('mkfifo', [pipe])
  const large = join(dir, 'large')
  writeFileSync(large, '')
  truncateSync(large, 5_000_000)
  for (const [path, says] of [
    ['/dev/zero', /^\/dev\/zero: is a device, not a file/],
    [join(dir, 'folder'), /folder: is a folder, not a file/],
    [pipe, /pipe: is a pipe, not a file/],
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

t.test('a dangling link does not count as an absent file', async (t) => {
  const dir = t.testdir()
  symlinkSync('/nowhere/at/all', join(dir, 'link'))
  t.throws(() => readOptional(join(dir, 'link'), 'settings file'), {
    message: 'settings file not readable',
    details: /link: is a link to \/nowhere\/at\/all, which does not exist/,
  })
})

t.test('text that is not UTF-8 is refused, unless its reader accepts it', async (t) => {
  const dir = t.testdir({ wide: Buffer.from('\uFEFFa: 1', 'utf16le') })
  const wide = join(dir, 'wide')
  t.throws(() => readOptional(wide, 'thing'), {
    code: CniCode.IoFailure,
    details: /wide: is UTF-16 text .*save it as UTF-8/,
  })
  t.equal(readOptional(wide, 'thing', decodeUnicode), '\uFEFFa: 1')
})
