import fc from 'fast-check'
import t from 'tap'
import { parseIni, setIni } from '../../../../src/provision/windows/ini.ts'
import { keepRunningStep } from '../../../../src/provision/windows/wsl-config.ts'
import { parseWindowsFacts } from '../../../../src/provision/windows/facts.ts'
import { ENGLISH, printed } from '../../../fixtures/windows/answers.ts'

function stepFor(bytes: Buffer | undefined): ReturnType<typeof keepRunningStep> {
  return keepRunningStep(
    parseWindowsFacts(printed({ ...ENGLISH, wslConfig: bytes?.toString('base64') ?? null })),
  )
}
function written(bytes: Buffer | undefined): Buffer {
  const step = stepFor(bytes)
  if (step?.kind !== 'user-file') throw new Error('no step')
  return step.bytes
}

t.test('a new file, sections that are there, values that do not last', async (t) => {
  t.equal(written(undefined).toString(), '[general]\ninstanceIdleTimeout=-1\n[wsl2]\nvmIdleTimeout=-1\n')
  t.equal(
    written(Buffer.from('# mine\r\n[WSL2]\r\nmemory=8GB\r\nVmIdleTimeout = 60000 # a minute\r\n')).toString(),
    '# mine\r\n[WSL2]\r\nmemory=8GB\r\nvmIdleTimeout=-1\r\n[general]\r\ninstanceIdleTimeout=-1\r\n',
  )
  t.equal(
    stepFor(Buffer.from('[general]\ninstanceIdleTimeout=-1\n[wsl2]\nvmIdleTimeout=604800000\n')),
    undefined,
  )
})

t.test('the encoding stays: UTF-16 both ways, a mark of UTF-8, Shift_JIS in a comment', async (t) => {
  const text = '\uFEFF[wsl2]\r\nmemory=8GB\r\n'
  const little = written(Buffer.from(text, 'utf16le'))
  t.match(little.toString('utf16le'), /^\uFEFF\[wsl2\]\r\nvmIdleTimeout=-1\r\nmemory=8GB\r\n\[general\]/)
  const big = written(Buffer.from(text, 'utf16le').swap16())
  t.same(Buffer.from(big).swap16(), little)
  t.match(written(Buffer.from(text)).toString(), /^\uFEFF\[wsl2\]\r\nvmIdleTimeout=-1\r\n/)
  // 設定, in code page 932.
  const japanese = Buffer.concat([Buffer.from('# '), Buffer.from('90dd92e8', 'hex'), Buffer.from('\n[wsl2]')])
  t.equal(written(japanese).subarray(0, 6).toString('hex'), japanese.subarray(0, 6).toString('hex'))
})

t.test('a key that was set is read, and every other key stays', async (t) => {
  const line = fc.oneof(
    fc.constantFrom(
      '[wsl2]',
      '[ WSL2 ]',
      '[general]',
      '[boot]',
      'memory=8GB',
      'a = "b"',
      '# [wsl2]',
      '',
      '\r',
    ),
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const text = lines.join(end)
      const [before, after] = [parseIni(text), parseIni(setIni(text, 'wsl2.vmIdleTimeout', '-1'))]
      t.equal(after.get('wsl2.vmidletimeout'), '-1')
      for (const [key, value] of before) if (key !== 'wsl2.vmidletimeout') t.equal(after.get(key), value, key)
      t.equal(setIni(setIni(text, 'a.b', '1'), 'a.b', '1'), setIni(text, 'a.b', '1'), 'twice is once')
    }),
    { numRuns: 1000 },
  )
})
