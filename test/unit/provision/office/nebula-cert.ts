import t from 'tap'
import { parsePrefix } from '../../../../src/addr/prefix.ts'
import {
  caArguments,
  nebulaCertVersion,
  signArguments,
  signedVersions,
} from '../../../../src/provision/office/nebula-cert.ts'
import type { NetworkPlan } from '../../../../src/provision/office/network-plan.ts'
import type { Assignment } from '../../../../src/provision/office/ledger.ts'

const [overlay, pool] = [parsePrefix('10.86.0.0/16'), parsePrefix('10.87.0.0/16')]
if (overlay === undefined || pool === undefined) throw new Error('prefixes')
const PLAN: NetworkPlan = {
  office: 'our office',
  families: [{ overlay, pool, subnetLength: 24 }],
  certificateVersion: 1,
  curve: 'P256',
  hostDays: 10,
}
const HOST: Assignment = {
  kind: 'assign',
  at: '',
  name: 'host-a',
  role: 'host',
  number: 1,
  overlay: ['10.86.1.1/16'],
  subnets: ['10.87.1.0/24'],
  gateway: false,
  groups: ['containers', 'web'],
  endpoints: [],
}
const FILES = { certificate: '/w/ca.crt', key: '/w/ca.key' }

t.test('versions that flatnet cannot use are refused', async (t) => {
  t.same(nebulaCertVersion('Version: 1.11.0\n'), [1, 11, 0])
  t.same(nebulaCertVersion('Version: 1.9.3+dfsg'), [1, 9, 3])
  t.throws(() => nebulaCertVersion('Version: 1.6.1'), {
    name: 'CniError',
    details: /is version 1\.6\.1, too old/,
  })
  t.throws(() => nebulaCertVersion('hello'), { name: 'CniError', details: /does not report its version/ })
})

t.test('a CA in the words of each version', async (t) => {
  const ca = { files: FILES, days: 2, encrypt: false }
  t.same(caArguments(PLAN, ca, [1, 9, 3]).slice(1, 11), [
    '-name', 'our office', '-duration', '48h', '-curve', 'P256',
    '-ips', '10.86.0.0/16', '-subnets', '10.87.0.0/16',
  ]) // prettier-ignore
  const modern = caArguments(PLAN, { ...ca, encrypt: true }, [1, 10, 0])
  t.same(modern.slice(0, 3), ['ca', '-version', '1'])
  t.ok(modern.includes('-unsafe-networks'))
  t.ok(modern.includes('-encrypt'))
})

t.test('a CA of version 1 signs both versions, the older one first', async (t) => {
  const both: NetworkPlan = { ...PLAN, certificateVersion: 'both' }
  t.same(signedVersions(both), [1, 2])
  t.same(signedVersions(PLAN), [1])
  const ca = caArguments(both, { files: FILES, days: 2, encrypt: false }, [1, 11, 0])
  t.same(ca.slice(0, 3), ['ca', '-version', '1'])
})

t.test('a host in the words of each version', async (t) => {
  const files = {
    ca: FILES,
    certificate: '/w/h.crt',
    key: { file: '/w/h.key', isNew: true },
    version: 1,
  } as const
  const old = signArguments(PLAN, HOST, files, [1, 9, 7]).join(' ')
  t.match(old, '-name host-a -ip 10.86.1.1/16 -subnets 10.87.1.0/24 -groups containers,web -duration 240h')
  t.notMatch(old, '-version')
  const modern = signArguments(PLAN, { ...HOST, subnets: [], groups: [] }, files, [1, 11, 0]).join(' ')
  t.match(modern, '-version 1 ')
  t.match(modern, '-networks 10.86.1.1/16 -duration')
  t.match(modern, '-out-key /w/h.key')
  const gateway = signArguments(PLAN, { ...HOST, gateway: true }, files, [1, 11, 0]).join(' ')
  t.match(gateway, '-unsafe-networks 10.87.1.0/24,10.87.0.0/16 ')
  const ofHost = { ...files, key: { file: '/w/h.pub', isNew: false } }
  const invited = signArguments(PLAN, HOST, ofHost, [1, 11, 0]).join(' ')
  t.match(invited, '-in-pub /w/h.pub')
  t.notMatch(invited, '-out-key')
})
