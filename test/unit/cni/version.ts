import t from 'tap'
import { CniCode } from '../../../src/cni/error.ts'
import { NEWEST_VERSION, SUPPORTED_VERSIONS } from '../../../src/cni/supported.ts'
import { isSince, isSupported, requireVerb } from '../../../src/cni/version.ts'

t.test('versions are compared letter for letter', async (t) => {
  for (const version of SUPPORTED_VERSIONS) t.ok(isSupported(version))
  for (const text of ['', '1.0', '1.0.00', ' 1.0.0', 'v1.0.0', '1.2.0', '0.3.2'])
    t.notOk(isSupported(text), text)
})

t.test('the newest version is the last one', async (t) => t.equal(SUPPORTED_VERSIONS.at(-1), NEWEST_VERSION))

t.test('a version is at least itself and every older one', async (t) => {
  t.ok(isSince('0.4.0', '0.4.0'))
  t.ok(isSince('1.1.0', '0.1.0'))
  t.notOk(isSince('0.3.1', '0.4.0'))
})

// verb, first version that has it
for (const [verb, first] of [
  ['ADD', '0.1.0'],
  ['DEL', '0.1.0'],
  ['CHECK', '0.4.0'],
  ['GC', '1.1.0'],
  ['STATUS', '1.1.0'],
] as const) {
  t.test(`${verb} is allowed from ${first} on`, async (t) => {
    for (const version of SUPPORTED_VERSIONS) {
      if (isSince(version, first)) t.doesNotThrow(() => requireVerb(verb, version), version)
      else {
        const refusal = {
          code: CniCode.IncompatibleVersion,
          message: `config version does not allow ${verb}`,
        }
        t.throws(() => requireVerb(verb, version), refusal, version)
      }
    }
  })
}
