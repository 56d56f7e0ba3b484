// The group CERT of `flatnet-cni check`: certificates with one fault after another.

import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseCertificates } from '../../../src/nebula/certificate/parse.ts'
import { forgedPem, hostPem, strangerPem } from '../../fixtures/certificates.ts'
import { issueAuthority, issueHost } from '../../unit/nebula/fixtures/issue.ts'
import { isBroken, isFine, saidBy } from '../../fixtures/host/check.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { BRIEFLY_S, pings } from '../../fixtures/host/netns.ts'
import { makeWholeHost } from '../../fixtures/host/whole.ts'

const skip = whyNoHost()
const DAY = 86_400
const now = Math.floor(Date.now() / 1000)

t.test('each fault of a certificate is reported and no other', { skip }, async (t) => {
  const host = await makeWholeHost(t)
  const [ca, key] = [readFileSync(host.ca, 'utf8'), readFileSync(host.key, 'utf8')]
  t.afterEach(() => {
    host.sign()
    writeFileSync(host.ca, ca)
    writeFileSync(host.key, key)
    chmodSync(host.key, 0o600)
    rmSync(host.config, { force: true })
  })
  await t.test('no fault at first', async (t) => {
    const report = await host.check()
    isFine(t, report)
    t.match(saidBy(report, 'CERT-010'), /ok .*10\.87\.1\.0\/24, 245 addresses/)
  })

  await t.test('CERT-001: a file is missing', async (t) => {
    rmSync(host.cert)
    isBroken(t, await host.check(), 'CERT-001', /fail host certificate .*host\.crt: no such file/)
  })

  await t.test('CERT-002: a byte order mark, a file cut off', async (t) => {
    writeFileSync(host.cert, `\uFEFF${readFileSync(host.cert, 'utf8')}`)
    isBroken(t, await host.check(), 'CERT-002', /host\.crt: has a byte order mark/)
    writeFileSync(host.ca, ca.slice(0, 100))
    host.sign()
    isBroken(t, await host.check(), 'CERT-002', /fail CA certificate .*no END line/)
  })

  await t.test('CERT-003: swapped', async (t) => {
    writeFileSync(host.cert, ca)
    isBroken(t, await host.check(), 'CERT-003', /fail host certificate .*is a CA certificate/)
    const own = host.sign()
    writeFileSync(host.ca, own)
    isBroken(t, await host.check(), 'CERT-003', /fail CA certificate .*"host-a" is a host's/)
  })

  await t.test('CERT-004: signed by another CA of the same name, forged', async (t) => {
    const skipKey = ['--group', 'CERT', '--skip', 'CERT-008']
    writeFileSync(host.cert, strangerPem())
    isBroken(t, await host.check({}, ...skipKey), 'CERT-004', /Issuer: the CA \w+ is not in/)
    writeFileSync(host.cert, forgedPem())
    isBroken(t, await host.check({}, ...skipKey), 'CERT-004', /Signature: does not match/)
  })

  await t.test('CERT-005: expired, and about to expire', async (t) => {
    host.sign({ notAfter: now - 3 * DAY })
    isBroken(t, await host.check(), 'CERT-005', /fail .*expired 3 days ago/)
    host.sign({ notAfter: now + 12 * DAY + 3600 })
    const report = await host.check()
    isBroken(t, report, 'CERT-005', /warn .*expires in 12 days/)
    t.equal(report.exitCode, 0)
    t.equal((await host.check({}, '--only', 'CERT-005', '--strict')).exitCode, 1)
    host.sign({ notAfter: now + 20 * DAY + 3600 })
    isBroken(t, await host.check(), 'CERT-005', /warn .*expires in 20 days/)
    const status = await host.cli(['status'])
    t.match(status.stdout, /the host certificate ends in 20 days/, 'status warns from the same day')
  })

  await t.test('CERT-006: not valid yet', async (t) => {
    host.sign({ notBefore: now + DAY })
    isBroken(t, await host.check(), 'CERT-006', /valid from .*, but it is .* here/)
  })

  await t.test('CERT-007: a CA that ends soon, an old one that has ended', async (t) => {
    const authority = (notAfter: number) =>
      issueAuthority(1, 'CURVE25519', { notBefore: now - 400 * DAY, notAfter })
    const soon = authority(now + 40 * DAY + 3600)
    const { publicKey } = host
    const own = issueHost(soon, 1, { notBefore: now - DAY, notAfter: now + 39 * DAY, publicKey })
    writeFileSync(host.ca, ca + soon.pem)
    writeFileSync(host.cert, own.pem)
    isBroken(t, await host.check(), 'CERT-007', /warn CA "test CA" \w+ expires in 40 days/)
    host.sign()
    writeFileSync(host.ca, ca + authority(now - 5 * DAY).pem)
    isBroken(t, await host.check(), 'CERT-007', /warn .*expired 5 days ago.*hosts that it signed are refused/)
  })

  await t.test('CERT-008: the key of another certificate, no key', async (t) => {
    writeFileSync(host.cert, hostPem())
    isBroken(t, await host.check(), 'CERT-008', /fail .*host\.key is the key of another certificate/)
    host.sign()
    rmSync(host.key)
    isBroken(t, await host.check(), 'CERT-008', /warn .*host\.key: no such file/)
  })

  await t.test('CERT-009: a key that every user can read', async (t) => {
    chmodSync(host.key, 0o644)
    isBroken(t, await host.check(), 'CERT-009', /mode 644/)
    t.match(await host.check({}, '--fix', '--only', 'CERT-009'),
      { roots: [], repairs: [{ undo: /^chmod 644 / }] })
  })

  await t.test('CERT-010: no subnet, two subnets, one too small', async (t) => {
    host.sign({ subnets: [] })
    isBroken(t, await host.check(), 'CERT-010',
      /no subnet inside the pool 10\.87\.0\.0\/16; the certificate has none/)
    host.sign({ subnets: ['10.87.1.0/24', '10.87.9.0/24'] })
    isBroken(t, await host.check(), 'CERT-010', /one per family is allowed/)
    host.sign({ subnets: ['10.87.1.0/30'] })
    isBroken(t, await host.check(), 'CERT-010', /has no address left/)
  })

  await t.test('CERT-011: the pool inside the overlay network', async (t) => {
    host.sign({ overlay: ['10.86.1.1/16'], subnets: ['10.86.77.0/24'] })
    const report = await host.check({ overrides: { pool: '10.86.64.0/18' } })
    isBroken(t, report, 'CERT-011', /pool 10\.86\.64\.0\/18 overlaps overlay network 10\.86\.0\.0\/16/)
  })

  await t.test('CERT-012: docker has a network inside the pool, and the LAN overlaps the overlay network',
    async (t) => {
    await host.netns.batch(['link add docker0 type bridge', 'address add 10.87.1.129/25 dev docker0',
      'link set docker0 up'])
    isBroken(t, await host.check(), 'CERT-012',
      /fail 10\.87\.1\.128\/25 .* on docker0 overlaps this host's subnet/)
    await host.netns.batch(['address flush dev docker0', 'address add 10.87.200.1/24 dev docker0'])
    isBroken(t, await host.check(), 'CERT-012', /10\.87\.200\.0\/24 on docker0 overlaps the pool/)
    await host.netns.batch(['address flush dev docker0', 'address add 10.86.9.1/24 dev docker0'])
    isBroken(t, await host.check(), 'CERT-012', /10\.86\.9\.0\/24 on docker0 overlaps the overlay network/)
    // A VPN route for all of 10.0.0.0/8 loses to our more specific routes.
    await host.netns.batch(['address flush dev docker0', 'route add 10.0.0.0/8 via 192.168.77.1 dev eth0'])
    isFine(t, await host.check())
    await host.netns.batch(['link delete docker0', 'route delete 10.0.0.0/8'])
  })

  await t.test('CERT-012: a VPN with a table that the kernel reads first', async (t) => {
    const sh = (line: string) => host.netns.exec(['sh', '-ec', line])
    await sh('ip route replace 10.87.2.0/24 via 10.86.2.1 dev nebula1 proto 77')
    t.ok(await pings(host.netns, '10.87.2.10'))
    // Tailscale's rules, as it sets them on Linux.
    await sh('ip rule add pref 5210 fwmark 0x80000/0xff0000 lookup main; ip rule add pref 5270 lookup 52')
    isFine(t, await host.check())
    for (const [route, says] of [
      ['10.87.2.0/24 dev eth0',
        /fail table 52, 10\.87\.0\.0\/16 .*\(rule 5270\), .* 10\.87\.2\.0\/24 on eth0 overlaps the pool/],
      ['default dev eth0',
        /fail .* 10\.87\.0\.0\/16 .*route 0\.0\.0\.0\/0 on eth0[^]*fail .* 10\.86\.0\.0\/16 .*the overlay/],
    ] as const) {
      await sh(`ip route add ${route} table 52`)
      t.notOk(await pings(host.netns, '10.87.2.10', BRIEFLY_S), 'the VPN takes the traffic')
      const report = await host.check()
      isBroken(t, report, 'CERT-012', says)
      const findings = report.items.find(({ id }) => id === 'CERT-012')?.findings ?? []
      for (const { next } of findings) await sh(next?.[0] ?? 'false')
      t.ok(await pings(host.netns, '10.87.2.10'), 'the printed commands give it back')
      isFine(t, await host.check())
      await sh('ip rule del pref 5269; ip rule del pref 5269 2>/dev/null || true; ip route flush table 52')
    }
    // A throw route sends packets on to the main table; a rule for marked packets does not apply to those of
    // containers.
    await sh('ip route add default dev eth0 table 52; ip route add throw 10.86.0.0/15 table 52')
    await sh('ip route add default dev eth0 table 53; ip rule add pref 5000 fwmark 0x1 lookup 53')
    isFine(t, await host.check())
    await sh('for each in 5000 5210 5270; do ip rule del pref $each; done; ' +
      'ip route del 10.87.2.0/24 proto 77')
  })

  await t.test("CERT-013: every bad certificate of a peer is named", async (t) => {
    const at = (name: string): string => join(host.peers, name)
    writeFileSync(at('host-c.crt'), 'nonsense')
    host.addPeer({ name: 'host-d', overlay: ['10.86.4.1/16'], subnets: ['10.87.4.0/24'],
      notAfter: now - DAY })
    const report = await host.check()
    isBroken(t, report, 'CERT-013', /fail host-c\.crt [^]*fail host-d\.crt .*expired/)
    t.match(saidBy(report, 'CERT-013'), /ok host-b accepted/)
    for (const name of ['host-c.crt', 'host-d.crt']) rmSync(at(name))
  })

  await t.test('CERT-014: two hosts with one subnet', async (t) => {
    host.addPeer({ name: 'host-e', overlay: ['10.86.5.1/16'], subnets: ['10.87.1.0/25'],
      notBefore: now - 60 })
    isBroken(t, await host.check(), 'CERT-014', /fail host-e its subnet 10\.87\.1\.0\/25 overlaps/)
    rmSync(join(host.peers, 'host-e.crt'))
  })

  await t.test('CERT-015: blocked', async (t) => {
    const report = await host.check({}, '--only', 'CERT-015')
    const fingerprint = parseCertificates(readFileSync(host.cert, 'utf8'), host.cert)[0]?.fingerprint ?? ''
    t.match(saidBy(report, 'CERT-015'), new RegExp(`ok .*${fingerprint.slice(0, 16)}`))
    writeFileSync(host.config, `pki:\n  blocklist:\n    - ${fingerprint}\n`)
    isBroken(t, await host.check(), 'CERT-015', /is on the blocklist/)
  })

  await t.test('CERT-016: versions that differ', async (t) => {
    const [one, two] = [host.sign({ version: 1 }), host.sign({ version: 2, subnets: ['10.87.9.0/24'] })]
    writeFileSync(host.cert, one + two)
    isBroken(t, await host.check(), 'CERT-016',
      /warn .*UnsafeNetworks of version 1 .* and version 2 .* differ/)
  })
}) // prettier-ignore
