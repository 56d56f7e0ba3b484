import t from 'tap'
import { CniError } from '../../../../src/cni/error.ts'
import { bundleText, checkedBundle, parseBundle } from '../../../../src/provision/bundle/contents.ts'
import { hostPem, keyPair, strangerPem } from '../../../fixtures/certificates.ts'
import { checked, hostBundle, NOW } from '../../../fixtures/office/bundles.ts'

const FILE = 'host-a.flatnet'

t.test('a bundle is read as it was written', async (t) => {
  const bundle = hostBundle()
  t.same(parseBundle(bundleText(bundle), FILE), bundle)
  t.match(checked(), { authority: /^[0-9a-f]{64}$/, certificate: { name: 'host-a' } })
})

t.test('parts that do not belong together are refused', async (t) => {
  const cases: readonly (readonly [more: Parameters<typeof hostBundle>[0], says: RegExp])[] = [
    [{ name: 'host-b' }, /certificate: Name: host-a, but the bundle is for host-b/],
    [{ key: keyPair().pem }, /key: does not belong to the certificate/],
    [{ certificate: strangerPem() }, /the CA [0-9a-f]+ is not in host-a\.flatnet: ca/],
    [{ certificate: hostPem({ notBefore: NOW + 3600 }) }, /NotBefore: valid from .*set the clock/],
    [{ certificate: hostPem({ notAfter: NOW - 60 }) }, /NotAfter: expired/],
    [{ peers: { 'host-b': 'x' } }, /peers\.host-b: has no PEM block/],
    [{ ca: hostBundle().certificate }, /is not a CA certificate/],
  ]
  for (const [more, says] of cases)
    t.throws(() => checkedBundle(hostBundle(more), NOW, FILE), { name: 'CniError', details: says })
})

t.test('values of another shape are refused by their key, and never quoted', async (t) => {
  const cases: readonly (readonly [more: object, says: RegExp])[] = [
    [{ version: 2 }, /version: needs 1/],
    [{ serial: 0 }, /serial: needs a whole number/],
    [{ serial: null }, /serial: is missing/],
    [{ role: 'king' }, /role: is unknown/],
    [{ name: '../etc' }, /"\.\.\/etc"/],
    [{ groups: [1] }, /groups: needs a text/],
    [{ pools: ['10.87.0.0'] }, /pools: needs networks/],
    [{ lighthouses: [{ name: 'lh', overlay: ['x'], endpoints: [] }] }, /lighthouses: needs an address/],
    [{ lighthouses: [{ name: 'lh', overlay: [], endpoints: ['a b'] }] }, /"a b"/],
    [{ peers: { '../x': 'y' } }, /"\.\.\/x"/],
    [{ key: undefined, kex: 'SECRET' }, /has an unknown key "kex"/],
    [{ key: '' }, /key: needs a text/],
  ]
  for (const [more, says] of cases) {
    const text = JSON.stringify({ ...(JSON.parse(bundleText(hostBundle())) as object), ...more })
    const error = t.throws(() => parseBundle(text, FILE), { name: 'CniError', details: says })
    t.ok(error instanceof CniError && !error.details.includes('SECRET'))
  }
})
