import t from 'tap'
import { isAtLeast } from '../../src/program-version.ts'

t.test('versions are compared by number, not by text', async (t) => {
  for (const [version, least, expected] of [
    ['6.1.0', '4.18', true],
    ['4.9', '4.18', false],
    ['1.0.6', '0.9.4', true],
    ['0.9.4', '0.9.4', true],
    ['0.9', '0.9.1', false],
    ['10', '9.9', true],
  ] as const)
    t.equal(isAtLeast(version, least), expected, `${version} ${least}`)
})
