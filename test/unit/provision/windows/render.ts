import fc from 'fast-check'
import t from 'tap'
import { parsePrefix, type Prefix } from '../../../../src/addr/prefix.ts'
import { CniError } from '../../../../src/cni/error.ts'
import { parseWindowsFacts } from '../../../../src/provision/windows/facts.ts'
import { elevated, powershellArgs, runFile, runUndo } from '../../../../src/provision/windows/launch.ts'
import { planWindows, type WindowsPlan } from '../../../../src/provision/windows/plan.ts'
import { quote } from '../../../../src/provision/windows/quote.ts'
import { renderSetup } from '../../../../src/provision/windows/render.ts'
import { ENGLISH, JAPANESE, printed } from '../../../fixtures/windows/answers.ts'
import { readPowerShell } from '../../../fixtures/windows/grammar.ts'
import { WINDOWS_SCRIPTS } from '../../../fixtures/windows/scripts.ts'

const prefixes = (text: string): readonly Prefix[] => [parsePrefix(text) ?? fail(text)]
function fail(text: string): never {
  throw new Error(text)
}
const [pools, subnets] = [prefixes('10.87.0.0/16'), prefixes('10.87.1.0/24')]

interface Outside {
  readonly alias: string
  readonly lan: string
  readonly user: string
  readonly distribution: string
}
const PLAIN: Outside = { alias: 'vEthernet (WSL)', lan: 'Ethernet', user: 'me', distribution: 'Debian' }

function planOf({ alias, lan, user, distribution }: Outside): WindowsPlan {
  const [wsl, , ethernet] = ENGLISH['interfaces'] as readonly object[]
  const answer = {
    ...ENGLISH,
    localData: `C:\\Users\\${user}\\AppData\\Local`,
    wslConfigPath: `C:\\Users\\${user}\\.wslconfig`,
    interfaces: [
      { ...wsl, alias },
      { ...ethernet, alias: lan },
    ],
  }
  const place = {
    address: '172.20.1.5',
    gateway: '172.20.0.1',
    pools,
    subnets,
    distribution,
  }
  return planWindows(
    parseWindowsFacts(printed(answer)),
    { mode: 'nat', ...place, isLighthouse: false, nebulaPort: 0, httpPort: 80 },
    [{ destination: '10.87.2.0/24', nextHop: '192.168.1.12' }],
  )
}
const scriptOf = (outside: Outside): string => renderSetup(planOf(outside), WINDOWS_SCRIPTS).toString('utf8')

t.test(
  'the setup script is PowerShell, in UTF-8 with a mark, and calls one function for each step',
  async (t) => {
    for (const answer of [ENGLISH, JAPANESE]) {
      const host = { address: '172.20.1.5', gateway: '172.20.0.1', pools, subnets }
      const plan = planWindows(
        parseWindowsFacts(printed(answer)),
        { mode: 'nat', ...host, distribution: 'Debian', isLighthouse: true, nebulaPort: 0, httpPort: 80 },
        [],
      )
      const bytes = renderSetup(plan, WINDOWS_SCRIPTS)
      t.equal(bytes.subarray(0, 3).toString('hex'), 'efbbbf')
      const text = bytes.toString('utf8').slice(1)
      t.notMatch(text, /[^\r]\n/)
      const { faults, calls } = readPowerShell(text)
      t.same(faults, [])
      const setters = calls.filter(
        ({ name }) => name.startsWith('Set-Flatnet') && name !== 'Set-FlatnetFolder',
      )
      t.equal(setters.length, plan.steps.length)
    }
    t.match(
      scriptOf(PLAIN),
      /Route -Destination '10\.87\.1\.0\/24' -NextHop '172\.20\.1\.5' -Alias 'vEthernet \(WSL\)'\r\n/,
    )
  },
)

t.test(
  'what is launched is PowerShell, and carries the script in an argument that no shell changes',
  async (t) => {
    const inner = runFile("C:\\Users\\O'Brien ’s\\Temp\\setup.ps1", 'ab'.repeat(32))
    for (const script of [inner, elevated(inner), elevated(runUndo())])
      t.same(readPowerShell(script).faults, [])
    t.ok(readPowerShell(inner).literals.includes("C:\\Users\\O'Brien ’’s\\Temp\\setup.ps1"))
    const args = powershellArgs(elevated(inner))
    t.ok(args.every((arg) => /^[-A-Za-z0-9+/=]+$/.test(arg)))
    t.ok(args.join(' ').length < 30_000, 'Windows takes command lines of 32,767 characters')
    t.equal(Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le'), elevated(inner))
  },
)

// The tokenizer of PowerShell: five characters end a single-quoted string, unless two of them follow each
// other.
function unquote(literal: string): string {
  const isQuote = (at: number): boolean => /['\u2018-\u201B]/.test(literal[at] ?? '')
  if (!isQuote(0)) throw new Error(`no string: ${literal}`)
  let value = ''
  for (let at = 1; at < literal.length; at += 1) {
    if (isQuote(at) && !isQuote(at + 1)) {
      if (at !== literal.length - 1) throw new Error(`ends early: ${literal}`)
      return value
    }
    if (isQuote(at)) at += 1
    value += literal[at] ?? ''
  }
  throw new Error(`does not end: ${literal}`)
}

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '‘',
        '’',
        '‚',
        '‛',
        '"',
        '`',
        '$',
        '(',
        ')',
        '{',
        '}',
        ';',
        '&',
        '|',
        '#',
        '<#',
        '#>',
      ),
      fc.constantFrom(
        '$(calc)',
        "'; calc; '",
        "@'",
        "'@",
        '\r\n',
        '\n',
        '\0',
        '\u2028',
        '\uD800',
        '-WhatIf',
        ' ',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))

t.test('a quoted text is one string with that value, or refused', async (t) => {
  fc.assert(
    fc.property(nasty, (text) => {
      let quoted: string
      try {
        quoted = quote(text)
      } catch {
        return
      }
      t.equal(unquote(quoted), text)
    }),
    { numRuns: 5000 },
  )
})

t.test('no name, path or user becomes code: the same script but for values, or our error', async (t) => {
  const plain = readPowerShell(scriptOf(PLAIN))
  const counts = { refused: 0, same: 0 }
  fc.assert(
    fc.property(nasty, nasty, nasty, nasty, (alias, lan, user, distribution) => {
      for (const more of [{ alias }, { lan }, { user }, { distribution }]) {
        let script: string
        try {
          script = scriptOf({ ...PLAIN, ...more })
        } catch (error) {
          if (!(error instanceof CniError)) throw error
          counts.refused += 1
          continue
        }
        counts.same += 1
        const { shape, faults } = readPowerShell(script)
        t.same(faults, [])
        t.equal(shape, plain.shape, JSON.stringify(more))
      }
    }),
    { numRuns: 60 },
  )
  t.ok(counts.refused > 0 && counts.same > 0, JSON.stringify(counts))
})
