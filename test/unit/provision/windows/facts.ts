import fc from 'fast-check'
import t from 'tap'
import { CniError } from '../../../../src/cni/error.ts'
import { parseWindowsFacts } from '../../../../src/provision/windows/facts.ts'
import { ENGLISH, JAPANESE, printed } from '../../../fixtures/windows/answers.ts'

t.test('English and Japanese Windows', async (t) => {
  const english = parseWindowsFacts(printed(ENGLISH))
  t.match(english, {
    build: '10.0.22631.0',
    temp: 'C:\\Users\\me\\AppData\\Local\\Temp',
    hasHyperVFirewall: true,
  })
  t.equal(english.wslConfig.bytes, undefined)
  t.same([...english.listening], [135, 445])
  const japanese = parseWindowsFacts(printed(JAPANESE))
  t.equal(japanese.localData, 'C:\\Users\\山田 太郎\\AppData\\Local')
  t.same(
    japanese.interfaces.map(({ alias, addresses, isForwarding }) => [alias, addresses.length, isForwarding]),
    [
      ['イーサネット', 1, false],
      ['vEthernet (WSL)', 1, true],
    ],
  )
})

t.test('a byte order mark, UTF-16, and what a profile prints before', async (t) => {
  const text = printed(JAPANESE)
  const wide = Buffer.from(`\uFEFF${text}`, 'utf16le').toString('utf8')
  for (const said of [`\uFEFF${text}`, wide, `Loading personal profiles took 812ms.\r\n${text}`])
    t.same(parseWindowsFacts(said), parseWindowsFacts(text))
})

t.test('what is not what it should be is named', async (t) => {
  const wrong = (more: Record<string, unknown>): string => printed({ ...ENGLISH, ...more })
  for (const [said, names] of [
    ['', /powershell\.exe: is empty/],
    ['The term is not recognized', /powershell\.exe: is empty/],
    [printed(ENGLISH).slice(0, 300), /powershell\.exe: /],
    [wrong({ version: 2 }), /powershell\.exe: version: needs 1, got 2/],
    [wrong({ sid: 'S-1-5-18; calc' }), /powershell\.exe: sid: /],
    [wrong({ temp: '\\\\server\\share' }), /powershell\.exe: temp: needs a path/],
    [wrong({ localData: 'C:\\Users\\..\\..\\Windows' }), /powershell\.exe: localData: /],
    [wrong({ interfaces: [{ alias: 'a\nb' }] }), /powershell\.exe: interfaces\[0\]\.alias: /],
  ] as const)
    t.throws(() => parseWindowsFacts(said), { name: 'CniError', details: names })
})

t.test('whatever is answered, our error or facts', async (t) => {
  const good = printed(JAPANESE)
  fc.assert(
    fc.property(
      fc.nat(good.length),
      fc.nat(40),
      fc.string({ unit: 'binary', maxLength: 12 }),
      (at, cut, put) => {
        try {
          parseWindowsFacts(good.slice(0, at) + put + good.slice(at + cut))
        } catch (error) {
          if (!(error instanceof CniError)) throw error
        }
      },
    ),
    { numRuns: 2000 },
  )
  t.pass()
})
