// Hosts learn of each other: three hosts without any peer's certificate, and an agent on the lighthouse.
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { addContainer } from '../../../scripts/bench/failover/container.ts'
import { serveFlows, startFlows } from '../../../scripts/bench/failover/flows.ts'
import { SCENARIOS } from '../../../scripts/bench/failover/scenarios.ts'
import { signalAgent, startAgent } from '../../../scripts/lab/host/agent.ts'
import { signCertificate } from '../../../scripts/lab/nebula/certificates.ts'
import { type Lab, pkiFolder } from '../../../scripts/lab/lab.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { lighthouseFolder } from '../../../scripts/lab/host/lighthouse.ts'
import { nebulaFolder } from '../../../scripts/lab/nebula/packages.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { run, waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import {
  flatnet,
  gatewayRoute,
  isDirect,
  logOf,
  metricsText,
  pathsOf,
  PATIENCE_MS,
  pings,
  routesOf,
  SHORT_WAITS,
  sumOf,
  waitForPath,
  writeSettings,
} from '../../fixtures/lab/agents.ts'

t.test('three hosts and a lighthouse', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({
    name: `tagentpeers${process.pid}`,
    hosts: 3,
    podman: false,
    lighthouseAgent: true,
  })
  t.teardown(() => lab.down())
  const [a, b, c] = [lab.host('a'), lab.host('b'), lab.host('c')]
  const agent = { ...SHORT_WAITS, reconcileMs: 2000 }
  for (const { files } of lab.hosts) {
    await writeSettings(files, { agent })
    const folder = join(files, 'own/etc/flatnet/peers.d')
    for (const name of await readdir(folder)) await rm(join(folder, name))
  }
  await writeSettings(lighthouseFolder(lab), { agent })
  const [from, to] = [await addContainer(a, 'peer-a'), await addContainer(b, 'peer-b')]
  t.notOk((await routesOf(a)).includes(gatewayRoute(a, b)), 'no host knows another')

  await t.test("they learn of each other from the lighthouse's agent and add routes", async (t) => {
    await Promise.all([startAgent(lab.lighthouse), startAgent(a), startAgent(b)])
    await waitForPath(a, b, 'direct')
    t.ok(await pings(a, from.enter, to.address))
    t.match((await pathsOf(a)).get('host-b')?.source, /10\.86\.0\.1|10\.86\.2\.1/)
    t.notOk((await pathsOf(a)).has('host-c'))
  })

  await t.test('a new host joins without any setup elsewhere', async (t) => {
    await startAgent(c)
    for (const each of [a, b]) {
      await waitForPath(each, c, 'direct')
      t.ok((await routesOf(each)).includes(gatewayRoute(each, c)))
    }
    const third = await addContainer(c, 'peer-c')
    t.ok(await pings(a, from.enter, third.address))
    await third.remove()
  })

  await t.test('a reconcile that finds nothing wrong changes nothing', async (t) => {
    // Rules cause no kernel notice, so they come back with the next reconcile.
    const look = async (): Promise<void> => {
      await a.exec(['nft', 'delete', 'table', 'ip', 'flatnet'])
      await waitUntil('the rules of host-a to come back', PATIENCE_MS, async () => {
        const { exitCode } = await a.exec(['nft', 'list', 'table', 'ip', 'flatnet'], { check: false })
        return exitCode === 0
      })
    }
    const monitor = a.start(['ip', '-oneline', 'monitor', 'address'])
    let seen = ''
    monitor.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()))
    const mark = (address: string): Promise<void> =>
      waitUntil(`the monitor to see ${address}`, PATIENCE_MS, async () => {
        await a.exec(['ip', 'address', 'replace', `${address}/32`, 'dev', 'lo'])
        await a.exec(['ip', 'address', 'delete', `${address}/32`, 'dev', 'lo'])
        return seen.includes(address)
      })
    await mark('198.51.100.1')
    await look()
    await look()
    await mark('198.51.100.2')
    monitor.kill()
    await monitor
    t.same(
      seen.split('\n').filter((line) => line !== '' && !line.includes('198.51.100.')),
      [],
    )
  })

  await t.test('a replaced certificate of a peer does not interrupt traffic', async (t) => {
    const server = await serveFlows(to)
    const flows = startFlows(from, to.address)
    await sleep(2000)
    const before = (await pathsOf(a)).get('host-b')?.fingerprint
    const replaced = SCENARIOS.find(({ name }) => name.startsWith('certificate'))
    if (replaced === undefined) throw new Error('no such scenario')
    await replaced.begin(lab)
    await waitUntil('host-a to learn the new certificate', PATIENCE_MS, async () => {
      const now = (await pathsOf(a)).get('host-b')?.fingerprint
      return now !== undefined && now !== before
    })
    await waitForPath(a, b, 'direct')
    await waitForPath(b, c, 'direct')
    await sleep(500)
    const { tcp, http } = await flows.end()
    await server.stop()
    t.ok(tcp.isAlive)
    t.equal(tcp.received, tcp.sent)
    t.equal(http.failed, 0)
  })

  await t.test('an expired certificate is refused by both hosts', async (t) => {
    const pem = await signFor(lab, {
      name: 'host-x',
      ip: '10.86.9.1/16',
      subnet: '10.87.9.0/24',
      duration: '1s',
    })
    await writeFile(join(a.files, 'own/etc/flatnet/peers.d/host-x.crt'), pem)
    await sleep(1500)
    await waitUntil('host-a to report it', PATIENCE_MS, async () =>
      /host-x\.crt.*expired/s.test(await statusText(a)),
    )
    // It may have been valid for a moment: its routes go when it expires.
    await waitUntil('host-a to remove the routes', PATIENCE_MS, async () => {
      return !/10\.87\.9\./.test((await routesOf(a)).join('\n'))
    })
    // Sends it to the other host, as its owner would.
    await writeFile(join(a.files, 'own/var/lib/flatnet/expired.crt'), pem)
    const url = `http://${b.plan.v4.overlay}:4280/v1/certificates`
    const { stdout } = await a.exec(['curl', '--silent', '--max-time', '60', '--write-out', '%{http_code}',
      '--data-binary', '@/var/lib/flatnet/expired.crt', url]) // prettier-ignore
    t.equal(stdout, '400')
    t.equal(sumOf(await metricsText(b, '127.0.0.1'), 'flatnet_probe_refused_total', 'certificate-expired'), 1)
  })

  await t.test('settings that cannot be applied yet are logged once, and applied later', async (t) => {
    const gateway = gatewayRoute(a, b)
    const before = (await logOf(a)).length
    const said = async (what: string): Promise<number> =>
      (await logOf(a)).slice(before).filter(({ msg }) => msg === what).length
    const has = async (route: string): Promise<boolean> => (await routesOf(a)).includes(route)
    await writeSettings(a.files, { agent, gateway: { via: '192.168.77.1' } })
    await waitUntil('the log message', PATIENCE_MS, async () => (await said('settings not taken over')) > 0)
    // A few reconciles later.
    await sleep(5000)
    t.equal(await said('settings not taken over'), 1)
    t.equal(await said('peer refused'), 0, 'the expired certificate is logged once too')
    t.ok(await has(gateway), 'the old gateway route stays')
    await a.exec(['ip', 'address', 'add', '192.168.77.2/24', 'dev', 'eth0'])
    await waitUntil(
      'the settings to be applied',
      PATIENCE_MS,
      async () => (await said('settings taken over')) > 0,
    )
    const moved = gateway.replace(/via \S+ /, 'via 192.168.77.1 ')
    await waitUntil('the gateway route to follow', PATIENCE_MS, () => has(moved))
    await writeSettings(a.files, { agent })
    await waitUntil('the route to change back', PATIENCE_MS, () => has(gateway))
    await a.exec(['ip', 'address', 'delete', '192.168.77.2/24', 'dev', 'eth0'])
    t.ok(await isDirect(a, b))
  })

  await t.test('an overlapping certificate is refused everywhere, from any source', async (t) => {
    const pem = await signFor(lab, { name: 'host-y', ip: '10.86.8.1/16', subnet: '10.87.2.0/25' })
    await writeFile(join(c.files, 'own/etc/flatnet/peers.d/host-y.crt'), pem)
    for (const each of [c, a, b])
      await waitUntil(`${each.name} to report it`, PATIENCE_MS, async () =>
        /host-y.*overlaps/s.test(await statusText(each)),
      )
    t.ok(await isDirect(a, b), 'the first owner of the subnet keeps it')
    t.notMatch((await routesOf(a)).join('\n'), /10\.87\.2\.0\/25/)
    t.ok(await pings(a, from.enter, to.address))
  })

  await t.test('a blocklisted certificate is refused', async (t) => {
    const blocked = (await pathsOf(a)).get('host-c')?.fingerprint ?? ''
    t.match(blocked, /^[0-9a-f]{64}$/)
    await copyFile(join(pkiFolder(lab), 'host-c.crt'), join(b.files, 'own/etc/flatnet/peers.d/host-c.crt'))
    for (const { files } of [a, b]) {
      const path = join(files, 'own/etc/nebula/config.yml')
      const config = JSON.parse(await readFile(path, 'utf8')) as { pki: object }
      await writeFile(path, JSON.stringify({ ...config, pki: { ...config.pki, blocklist: [blocked] } }))
    }
    for (const each of [a, b]) await signalAgent(each, 'HUP')
    for (const each of [a, b])
      await waitUntil(`${each.name} to drop its route to host-c`, PATIENCE_MS, async () => {
        return (
          !(await routesOf(each)).some((route) => route.startsWith('10.87.3.')) &&
          !(await pathsOf(each)).has('host-c')
        )
      })
    await waitUntil('host-b, which has its file, to report it', PATIENCE_MS, async () =>
      /host-c\.crt.*block/s.test(await statusText(b)),
    )
    t.ok(await isDirect(a, b), 'the other hosts are not affected')
  })
})

interface Wanted {
  readonly name: string
  readonly ip: string
  readonly subnet: string
  readonly duration?: string
}

// Signed by the lab's CA, for a host that does not run.
async function signFor(lab: Lab, { name, ip, subnet, duration }: Wanted): Promise<string> {
  const cwd = pkiFolder(lab)
  if (duration === undefined) {
    await signCertificate(cwd, lab.record.nebula, false, { name, networks: [ip], subnets: [subnet] })
  } else {
    const tool = join(nebulaFolder(lab.record.nebula), 'nebula-cert')
    await run(
      [tool, 'sign', '-version', '1', '-name', name, '-ip', ip, '-subnets', subnet, '-duration', duration],
      { cwd },
    )
  }
  return readFile(join(cwd, `${name}.crt`), 'utf8')
}

async function statusText(host: LabHost): Promise<string> {
  return (await flatnet(host, 'status')).stdout
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
