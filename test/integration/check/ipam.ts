// The group IPAM of `flatnet-cni check`: state and bridge of a host with containers, with one fault after
// another.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Report } from '../../../src/check/report.ts'
import { ownMark } from '../../../src/state/lock/process-mark.ts'
import { hostPem } from '../../fixtures/certificates.ts'
import { checkHost, isBroken, isFine, saidBy } from '../../fixtures/host/check.ts'
import { addressOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../fixtures/host/host.ts'

const skip = whyNoHost()

const look = (host: TestHost, ...more: string[]): Promise<Report> =>
  checkHost(host, ['--group', 'IPAM', ...more])

t.test('each fault of addresses and bridge is reported and no other', { skip }, async (t) => {
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

  await t.test('no fault with two containers', async (t) => {
    const report = await look(host)
    isFine(t, report)
    for (const { id, verdict, findings } of report.items) t.equal(verdict, 'ok',
      `${id} ${findings[0]?.seen ?? ''}`)
    t.match(saidBy(report, 'IPAM-006'), /10\.87\.1\.0\/24 2 of 245/)
    t.match(saidBy(report, 'IPAM-008'), /2 links, all on the bridge/)
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
    isBroken(t, report, 'IPAM-002', new RegExp(`${record} not JSON[^]*${lease} `))
  })

  await t.test('IPAM-003: a lease and a link whose record is gone', async (t) => {
    const other = addressOf(await host.add(two, { ifname: 'eth1' }))
    const lost = join(records, `${two.name}:eth1`)
    const { hostLink: link } = JSON.parse(readFileSync(lost, 'utf8')) as { hostLink: string }
    rmSync(lost)
    await host.netns.batch([`link delete ${link}`])
    const report = await look(host)
    isBroken(t, report, 'IPAM-003', new RegExp(`lease of ${other}: there is no record of ${two.name}`))
    isFine(t, await look(host, '--fix'))
  })

  await t.test('IPAM-003: a namespace without a process is not proof, and is left alone', async (t) => {
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
    isBroken(t, report, 'IPAM-004', new RegExp(`${address} ${one.name} .* without holding its lease`))
  })

  await t.test('IPAM-004: two containers with one address', async (t) => {
    const second = join(records, readdirSync(records).find((name) => name !== `${one.name}:eth0`) ?? '')
    const before = readFileSync(second, 'utf8')
    writeFileSync(second, before.replace(/10\.87\.1\.\d+\/24/, `${address}/24`))
    const report = await look(host)
    writeFileSync(second, before)
    t.match(saidBy(report, 'IPAM-004'),
      new RegExp(`${address} held by .*${one.name}.* and by|${address} held by .* and by .*${one.name}`))
    t.equal(report.roots.includes('IPAM-004'), true)
  })

  await t.test('IPAM-005: the new certificate has another subnet', async (t) => {
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
    isBroken(t, await look(host), 'IPAM-007', /flatnet0 lacks 10\.87\.1\.1\/24; it has none/)
    isFine(t, await look(host, '--fix'))
  })

  await t.test('IPAM-008: a link was taken off the bridge', async (t) => {
    await host.netns.batch([`link set ${hostLink} nomaster`])
    isBroken(t, await look(host), 'IPAM-008',
      new RegExp(`${one.name} .* its link ${hostLink} is on no bridge`))
    isFine(t, await look(host, '--fix'))
  })

  await t.test('IPAM-007: the bridge was deleted under its containers', async (t) => {
    await host.netns.batch(['link delete flatnet0'])
    const report = await look(host)
    isBroken(t, report, 'IPAM-007', /there is no bridge flatnet0, though containers run/)
    t.match(saidBy(report, 'IPAM-008'), /fail .* is on no bridge/, 'it follows from IPAM-007')
    isFine(t, await look(host, '--fix'))
  })

  await t.test('IPAM-010: a call hangs while it holds the lock', async (t) => {
    const lock = join(host.stateDir, 'lock')
    const entry = join(lock, `${ownMark()}-1`)
    mkdirSync(lock)
    writeFileSync(entry, '')
    utimesSync(entry, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000))
    const report = await look(host)
    rmSync(lock, { recursive: true })
    isBroken(t, report, 'IPAM-010',
      new RegExp(`renewed \\d+ s ago: the holder, process ${String(process.pid)}, hangs`))
  })

  await t.test('no fault after everything was restored', async (t) => isFine(t, await look(host)))
}) // prettier-ignore

t.test('IPAM-006: a small subnet fills up', { skip }, async (t) => {
  const host = await makeHost(t, { certificate: { subnets: ['10.87.1.0/28'] } })
  for (let count = 0; count < 9; count++) await host.add(await host.container())
  isBroken(t, await look(host), 'IPAM-006', /warn 10\.87\.1\.0\/28 9 of 11 addresses/)
  await host.add(await host.container())
  await host.add(await host.container())
  isBroken(t, await look(host), 'IPAM-006', /fail 10\.87\.1\.0\/28 11 of 11 addresses/)
})

t.test('IPAM-009: the bridge is nearly full', { skip }, async (t) => {
  const host = await makeHost(t)
  await host.add(await host.container())
  // Any kind of port counts; both ends of each pair are attached.
  const pairs = Array.from({ length: 410 },
    (_, index) => [`p${String(index)}a`, `p${String(index)}b`] as const)
  await host.netns.batch(pairs.map(([a, b]) => `link add name ${a} master flatnet0 type veth peer name ${b}`))
  await host.netns.batch(pairs.map(([, b]) => `link set ${b} master flatnet0`))
  isBroken(t, await look(host), 'IPAM-009', /warn flatnet0 821 of 1023 ports/)
}) // prettier-ignore
