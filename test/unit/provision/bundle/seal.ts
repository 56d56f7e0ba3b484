import t from 'tap'
import { openDamaged } from '../../../../scripts/soak/bundles.ts'
import { codeWords } from '../../../../src/provision/bundle/code.ts'
import { bundleObject, bundleText } from '../../../../src/provision/bundle/contents.ts'
import { readEnvelope, unsealed } from '../../../../src/provision/bundle/seal.ts'
import { hostBundle, LABEL, open, SECRET, sealedText } from '../../../fixtures/office/bundles.ts'

t.test('the code opens a bundle, a different one does not', async (t) => {
  const text = sealedText()
  t.same(open(text, codeWords(SECRET)).bundle, hostBundle({ ...open(text).bundle }))
  t.notMatch(text, 'PRIVATE KEY')
  t.notMatch(Buffer.from(text, 'base64').toString('latin1'), 'PRIVATE KEY')
  t.throws(() => open(text, Buffer.alloc(16, 7)), {
    message: 'bundle does not open',
    details: /x\.flatnet: the code belongs to another bundle, or the file was changed/,
  })
  const envelope = readEnvelope(bundleObject(text, 'x'), 'x')
  t.match(envelope, { needsCode: true, label: LABEL })
})

t.test('a plain bundle needs no code', async (t) => {
  const text = unsealed(bundleText(hostBundle()), LABEL)
  t.equal(readEnvelope(bundleObject(text, 'x'), 'x').needsCode, false)
  t.equal(open(text).bundle.name, 'host-a')
})

t.test('a file that is not a bundle, or was changed, is refused with the reason', async (t) => {
  const object = JSON.parse(sealedText()) as Record<string, unknown>
  const cases: readonly (readonly [change: object, says: RegExp])[] = [
    [{ flatnetBundle: undefined }, /is not a bundle of flatnet/],
    [{ flatnetBundle: 2 }, /is a bundle of version 2: install the flatnet-cni that wrote it/],
    [{ host: 'host-b' }, /the code belongs to another bundle, or the file was changed/],
    [{ office: 'x' }, /the code belongs to another bundle, or the file was changed/],
    [{ cipher: 'none' }, /sha256 is missing/],
    [{ cipher: 'rot13' }, /cipher "rot13" is unknown/],
    [{ salt: 'AAAA' }, /salt, nonce or data is too short or too long/],
    [{ nonce: '????' }, /nonce is not base64/],
    [{ data: 7 }, /data is not a text/],
    [{ n: 1 }, /unknown key "n"/],
  ]
  for (const [change, says] of cases)
    t.throws(() => open(JSON.stringify({ ...object, ...change })), { name: 'CniError', details: says })
  t.throws(() => open('-----BEGIN'), { message: 'not a bundle' })
})

t.test('2,000 damaged bundles: an error of ours, without a word of the key', async (t) => {
  t.same(openDamaged(20_261_122, 2000), [])
})
