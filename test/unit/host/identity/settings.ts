import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CniCode } from '../../../../src/cni/error.ts'
import { loadSettings } from '../../../../src/host/identity/settings.ts'

t.test('a settings file may begin with a byte order mark, as Notepad saves it', async (t) => {
  const dir = t.testdir({ 'flatnet.json': '\uFEFF{"bridge": "br9"}\r\n' })
  t.equal(loadSettings({}, join(dir, 'flatnet.json')).bridge, 'br9')
})

t.test('an error names the file', async (t) => {
  const dir = t.testdir({
    wide: Buffer.from('\uFEFF{"bridge": "br9"}', 'utf16le'),
    comment: '{\n  // ours\n  "bridge": "br9"\n}',
  })
  symlinkSync('/nowhere', join(dir, 'link'))
  t.throws(() => loadSettings({}, join(dir, 'wide')), {
    code: CniCode.IoFailure,
    details: /wide: is UTF-16 text/,
  })
  t.throws(() => loadSettings({}, join(dir, 'comment')), {
    code: CniCode.DecodeFailure,
    details: /comment: .*JSON has no comments/,
  })
  t.throws(() => loadSettings({}, join(dir, 'link')), {
    code: CniCode.IoFailure,
    details: /link: is a link to \/nowhere/,
  })
})
