// STATUS: silent if an ADD would work, 50 if it would not, 51 if other hosts cannot be reached through
// Nebula.
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { forgedPem, hostPem, strangerPem } from '../../../fixtures/certificates.ts'
import { isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { pings } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()
const HOUR = 3600

t.test('STATUS', { skip }, async (t) => {
  const host = await makeHost(t)

  await t.test('is silent on a host that is ready, and changes nothing', async (t) => {
    isSilent(t, await host.ask('STATUS'), 'STATUS')
    t.same(await host.remains(), [])
    t.notOk(existsSync(host.stateDir), 'no state')
    t.equal((await host.netns.exec(['nft', 'list', 'ruleset'])).stdout, '', 'no rules')
    const { exitCode } = await host.netns.exec(['ip', 'link', 'show', 'dev', 'flatnet0'], { check: false })
    t.equal(exitCode, 1, 'no bridge')
    t.equal((await host.netns.exec(['ip', 'route', 'show', 'proto', '77'])).stdout, '', 'no routes')
  })

  await t.test('is silent with containers running', async (t) => {
    const container = await host.container()
    await host.add(container)
    isSilent(t, await host.ask('STATUS'), 'STATUS')
    t.ok(await pings(container, '10.87.1.1'))
    await host.del(container)
  })

  for (const cniVersion of ['0.4.0', '1.0.0']) {
    await t.test(`and GC are refused in ${cniVersion}`, async (t) => {
      isRefused(t, await host.ask('STATUS', { cniVersion }), 1, /STATUS came with 1\.1\.0/)
      isRefused(t, await host.ask('GC', { cniVersion }), 1, /GC came with 1\.1\.0/)
    })
  }

  const now = Math.floor(Date.now() / 1000)
  const certificates: [string, string | undefined, RegExp][] = [
    ['missing', undefined, /host certificate missing: .*bad\.crt: no such file/],
    ['damaged', 'not PEM', /bad\.crt/],
    ['expired', hostPem({ notAfter: now - HOUR }), /expired/],
    ['not valid yet', hostPem({ notBefore: now + HOUR }), /NotBefore: valid from/],
    ['signed by an unknown CA', strangerPem(), /bad\.crt/],
    ['forged', forgedPem(), /signature/i],
    ['without a subnet in the pool', hostPem({ subnets: [] }), /no subnet inside the pool/],
    ['with two subnets in the pool', hostPem({ subnets: ['10.87.1.0/24', '10.87.9.0/24'] }), /one subnet/],
  ]
  for (const [name, pem, says] of certificates) {
    await t.test(`is 50 when the certificate is ${name}`, async (t) => {
      const cert = join(host.folder, 'bad.crt')
      if (pem !== undefined) writeFileSync(cert, pem)
      const nebula = { ca: join(host.folder, 'ca.crt'), cert }
      isRefused(t, await host.ask('STATUS', { nebula }), 50, says)
    })
  }

  await t.test('is 50 when the CA is missing', async (t) => {
    const nebula = { ca: '/no/such/ca.crt', cert: join(host.folder, 'host.crt') }
    isRefused(t, await host.ask('STATUS', { nebula }), 50, /CA certificate missing/)
  })

  // Leaves one program in the only folder that is searched for programs.
  const onlyWith = (program: 'ip' | 'nft'): string => {
    const bin = join(host.folder, `only-${program}`)
    mkdirSync(bin, { recursive: true })
    copyFileSync(`/usr/sbin/${program}`, join(bin, program))
    return ['/usr/sbin', '/usr/bin'].map((folder) => `mount --bind ${bin} ${folder}`).join('\n')
  }
  for (const [missing, present] of [
    ['ip', 'nft'],
    ['nft', 'ip'],
  ] as const) {
    await t.test(`is 50 when ${missing} is missing`, async (t) => {
      const outcome = await host.ask('STATUS', {}, { mounts: onlyWith(present) })
      isRefused(t, outcome, 50, new RegExp(`program missing: "${missing}" is not in .*install`))
    })
  }

  await t.test('lists all reasons', async (t) => {
    const nebula = { ca: join(host.folder, 'ca.crt'), cert: '/no/such/host.crt' }
    const outcome = await host.ask('STATUS', { nebula }, { mounts: onlyWith('nft') })
    isRefused(t, outcome, 50, /host certificate missing: [^\n]*\nprogram missing: "ip"/)
  })

  await t.test('is 50 when the kernel refuses our rules', async (t) => {
    // A chain with our name and another type stands in for an old kernel.
    await host.netns.exec(['nft', 'flush ruleset'])
    await host.netns.exec(['nft', 'add table ip flatnet'])
    await host.netns.exec(['nft', 'add chain ip flatnet nat-flatnet0 { type filter hook input priority 0; }'])
    isRefused(t, await host.ask('STATUS'), 50, /nft transaction refused/)
    await host.netns.exec(['nft', 'delete table ip flatnet'])
  })

  await t.test('is 51 when the nebula link is down', async (t) => {
    await host.netns.batch(['link set nebula1 down'])
    isRefused(t, await host.ask('STATUS'), 51,
      /no link has the network 10\.86\.0\.0\/16; .* through the gateway only/)
    const named = { nebula: { ca: join(host.folder, 'ca.crt'), cert: join(host.folder, 'host.crt'),
      device: 'nebula1' } }
    isRefused(t, await host.ask('STATUS', named), 51, /link nebula1 is down/)
    await host.netns.batch(['link set nebula1 up'])
    isSilent(t, await host.ask('STATUS'), 'up again')
  })

  await t.test('is 51 when Nebula’s process is dead but its link is there', async (t) => {
    await host.far.batch(['link set nebula1 down'])
    isRefused(t, await host.ask('STATUS'), 51, /link nebula1 is down/)
    await host.far.batch(['link set nebula1 up'])
  })

  await t.test('is 51 and reports other hosts as unreachable if there is no gateway path either',
    async (t) => {
    await host.netns.batch(['link delete nebula1'])
    const none = { gateway: { via: 'none' } }
    isRefused(t, await host.ask('STATUS', none), 51, /containers of other hosts cannot be reached/)
    const named = { nebula: { ca: join(host.folder, 'ca.crt'), cert: join(host.folder, 'host.crt'),
      device: 'nebula1' } }
    isRefused(t, await host.ask('STATUS', named), 51, /no link nebula1/)
  })
}) // prettier-ignore

t.test('STATUS is 50 when the subnet is full, but not if a dead container holds a part of it', { skip },
  async (t) => {
  const host = await makeHost(t, { certificate: { subnets: ['10.87.1.0/29'] } })
  const containers = [await host.container(), await host.container(), await host.container()]
  for (const container of containers) await host.add(container)
  isRefused(t, await host.ask('STATUS'), 50, /range exhausted: 10\.87\.1\.0\/29: no address is left/)
  const near = (await host.remains()).find((name) => name.startsWith('veth'))
  await host.netns.batch([`link delete ${String(near)}`])
  isSilent(t, await host.ask('STATUS'), 'one container is dead')
}) // prettier-ignore

t.test('STATUS of an unprivileged user is 50', { skip }, async (t) => {
  const host = await makeHost(t)
  chmodSync(host.folder, 0o755)
  const outcome = await host.netns.exec(
    ['setpriv', '--reuid=65534', '--clear-groups', join(import.meta.dirname, '../../../../dist/flatnet-cni')],
    {
      check: false,
      input: JSON.stringify(host.conf({ cniVersion: '1.1.0' })),
      env: { CNI_COMMAND: 'STATUS' },
    },
  )
  isRefused(t, outcome, 50, /root is needed/)
})
