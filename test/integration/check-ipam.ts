// The group IPAM of `flatnet-cni check`: state and bridge of a host with containers, broken in one way after another.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Report } from '../../src/check/report.ts'
import { hostPem } from '../fixtures/certificates.ts'
import { checkHost, isBroken, isFine, saidBy } from '../fixtures/check.ts'
import { addressOf, whyNoHost } from '../fixtures/cni.ts'
import { makeHost, type TestHost } from '../fixtures/host.ts'

t.setTimeout(240_000)
const skip = whyNoHost()

const look = (host: TestHost, ...more: string[]): Promise<Report> =>
  checkHost(host, ['--group', 'IPAM', ...more])

t.test('what is wrong with addresses and bridge is named, alone', { skip }, async (t) => {
  const host = await makeHost(t)
  isFine(t, await look(host))
  const [one, two] = [await host.container(), await host.container()]
  const address = addressOf(await host.add(one))
  await host.add(two)
  const records = join(host.stateDir, 'attachments/flatnet')
  const record = join(records, `${one.name}:eth0`)
  const lease = join(host.stateDir, 'leases', address)
  const [text, leaseText] = [readFileSync(record, 'utf8'), readFileSync(lease, 'utf8')]
  const { hostLink } = JSON.parse(text) as { hostLink: string }

  await t.test('nothing is wrong with two containers', async (t) => {
    const report = await look(host)
    isFine(t, report)
    for (const { id, verdict, findings } of report.items) t.equal(verdict, 'ok', `${id} ${findings[0]?.seen ?? ''}`)
    t.match(saidBy(report, 'IPAM-006'), /10\.87\.1\.0\/24 2 of 245/)
    t.match(saidBy(report, 'IPAM-008'), /2 links on the bridge/)
  })

  await t.test('IPAM-001: a record of a later version', async (t) => {
    writeFileSync(record, text.replace('"version": 1', '"version": 2'))
    const report = await look(host)
    writeFileSync(record, text)
    isBroken(t, report, 'IPAM-001', /\(version 2\)/)
  })

  await t.test('IPAM-002: a half-written record, a damaged lease', async (t) => {
    writeFileSync(record, text.slice(0, 40))
    writeFileSync(lease, '{')
    const report = await look(host)
    writeFileSync(record, text)
    writeFileSync(lease, leaseText)
    isBroken(t, report, 'IPAM-002', new RegExp(`${record} damaged[^]*${lease} damaged`))
  })

  await t.test('IPAM-003: a lease and a link whose record is gone', async (t) => {
    const other = addressOf(await host.add(two, { ifname: 'eth1' }))
    const lost = join(records, `${two.name}:eth1`)
    const { hostLink: link } = JSON.parse(readFileSync(lost, 'utf8')) as { hostLink: string }
    rmSync(lost)
    await host.netns.batch([`link delete ${link}`])
    const report = await look(host)
    isBroken(t, report, 'IPAM-003', new RegExp(`lease of ${other}: nothing is recorded of ${two.name}`))
    isFine(t, await look(host, '--fix'))
  })

  await t.test('IPAM-003: a namespace without a process proves nothing, and is left alone', async (t) => {
    writeFileSync(record, text.replace(/"since": "[^"]*"/, '"since": "2026-01-01T00:00:00.000Z"'))
    const report = await look(host, '--fix')
    isFine(t, report)
    t.equal(existsSync(record), true, 'kept by --fix')
    writeFileSync(record, text)
  })

  await t.test('IPAM-004: a lease was removed by hand', async (t) => {
    rmSync(lease)
    const report = await look(host)
    writeFileSync(lease, leaseText)
    isBroken(t, report, 'IPAM-004', new RegExp(`${address} ${one.name} .* lease is missing`))
  })

  await t.test('IPAM-004: two containers of one address', async (t) => {
    const second = join(records, readdirSync(records).find((name) => name !== `${one.name}:eth0`) ?? '')
    const before = readFileSync(second, 'utf8')
    writeFileSync(second, before.replace(/10\.87\.1\.\d+\/24/, `${address}/24`))
    const report = await look(host)
    writeFileSync(second, before)
    t.match(saidBy(report, 'IPAM-004'), new RegExp(`${address} held by .*${one.name}.* and by|${address} held by .* and by .*${one.name}`))
    t.equal(report.roots.includes('IPAM-004'), true)
  })

  await t.test('IPAM-005: the certificate was signed again with another subnet', async (t) => {
    const cert = join(host.folder, 'host.crt')
    const before = readFileSync(cert)
    writeFileSync(cert, hostPem({ subnets: ['10.87.7.0/24'] }))
    await host.netns.batch(['address add 10.87.7.1/24 dev flatnet0'])
    const report = await look(host)
    writeFileSync(cert, before)
    await host.netns.batch(['address delete 10.87.7.1/24 dev flatnet0'])
    isBroken(t, report, 'IPAM-005', new RegExp(`${address} ${one.name} .* outside 10\\.87\\.7\\.0/24`))
  })

  await t.test('IPAM-007: the bridge is down, or has lost its address', async (t) => {
    await host.netns.batch(['link set flatnet0 down'])
    isBroken(t, await look(host), 'IPAM-007', /flatnet0 is down/)
    await host.netns.batch(['link set flatnet0 up', 'address delete 10.87.1.1/24 dev flatnet0'])
    isBroken(t, await look(host), 'IPAM-007', /address 10\.87\.1\.1\/24 is missing, it has none/)
    isFine(t, await look(host, '--fix'))
  })

  await t.test('IPAM-008: a link was taken off the bridge', async (t) => {
    await host.netns.batch([`link set ${hostLink} nomaster`])
    isBroken(t, await look(host), 'IPAM-008', new RegExp(`${one.name} .* its link ${hostLink} is on no bridge`))
    isFine(t, await look(host, '--fix'))
  })

  await t.test('IPAM-007: the bridge was deleted under its containers', async (t) => {
    await host.netns.batch(['link delete flatnet0'])
    const report = await look(host)
    isBroken(t, report, 'IPAM-007', /there is no bridge flatnet0, though containers run/)
    t.match(saidBy(report, 'IPAM-008'), /fail .* is on no bridge/, 'which follows from it')
    isFine(t, await look(host, '--fix'))
  })

  await t.test('IPAM-010: a call died while it held the lock', async (t) => {
    const lock = join(host.stateDir, 'lock')
    mkdirSync(lock)
    utimesSync(lock, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000))
    const report = await look(host)
    rmdirSync(lock)
    isBroken(t, report, 'IPAM-010', /was renewed 6\d s ago/)
  })

  await t.test('and nothing is wrong when all of it is put right', async (t) => isFine(t, await look(host)))
}) // prettier-ignore

t.test('IPAM-006: a small subnet fills up', { skip }, async (t) => {
  const host = await makeHost(t, { certificate: { subnets: ['10.87.1.0/28'] } })
  for (let count = 0; count < 9; count++) await host.add(await host.container())
  isBroken(t, await look(host), 'IPAM-006', /warn 10\.87\.1\.0\/28 9 of 11 addresses/)
  await host.add(await host.container())
  await host.add(await host.container())
  isBroken(t, await look(host), 'IPAM-006', /fail 10\.87\.1\.0\/28 11 of 11 addresses/)
})

t.test('IPAM-009: the bridge has nearly all the ports it can have', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container())
  // Ports of whatever kind count; both ends of a pair are put on it.
  const pairs = Array.from({ length: 410 }, (_, index) => [`p${String(index)}a`, `p${String(index)}b`] as const)
  await host.netns.batch(pairs.map(([a, b]) => `link add name ${a} master flatnet0 type veth peer name ${b}`))
  await host.netns.batch(pairs.map(([, b]) => `link set ${b} master flatnet0`))
  isBroken(t, await look(host), 'IPAM-009', /warn flatnet0 821 of 1023 ports/)
}) // prettier-ignore
