// A program of the host listens on a port that a container publishes: which of the two gets it, and what is
// reported.
import t from 'tap'
import type { ContainersView } from '../../../../src/views/containers.ts'
import { checkHost, isBroken, isFine, saidBy } from '../../../fixtures/host/check.ts'
import { addressOf, isRefused, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Conf, DUAL_A, DUAL_POOL, makeHost } from '../../../fixtures/host/host.ts'
import { ask, serve, type ServerEnd } from '../../../fixtures/traffic/talk.ts'

const skip = whyNoHost()

/** Returns a configuration that publishes container port 80 on these host ports, as podman writes it. */
const publishing = (mapping: Conf, more: Conf = {}): { conf: Conf } => ({
  conf: {
    ...more,
    runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', ...mapping }] },
  },
})

t.test('a port that a program of the host listens on', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const refused: [string, ServerEnd, Conf, string][] = [
    ['all addresses', { port: 8080, address: '0.0.0.0' }, {}, 'tcp 8080: perl .* listens on 0.0.0.0:8080'],
    ['one address', { port: 8080, address: '127.0.0.1' }, {}, 'tcp 8080: .* listens on 127.0.0.1:8080'],
    [
      'all addresses, one published',
      { port: 8080, address: '0.0.0.0' },
      { hostIP: '192.168.77.10' },
      'tcp 192.168.77.10:8080: .* listens on 0.0.0.0:8080',
    ],
    ['both families', { port: 8080 }, {}, String.raw`tcp 8080: .* listens on \[::\]:8080`],
    [
      'UDP',
      { protocol: 'udp', port: 8080, address: '0.0.0.0' },
      { protocol: 'udp' },
      'udp 8080: .* listens on 0.0.0.0:8080',
    ],
  ]
  for (const [name, end, mapping, says] of refused) {
    await t.test(`is refused: ${name}`, async (t) => {
      const stop = await serve(t, host.netns, 'program', end)
      const outcome = await host.call('ADD', container, publishing(mapping))
      isRefused(
        t,
        outcome,
        108,
        new RegExp(`host port is taken.*${says}; stop it, or choose another host port`),
      )
      t.match(outcome.stdout, /\(process \d+\) of this host/, 'the process is named')
      t.same(await host.remains(), [], 'nothing is left of the attachment')
      const at = { port: 8080, address: '127.0.0.1', protocol: end.protocol ?? 'tcp' }
      t.equal(await ask(host.netns, at), 'program <- 127.0.0.1', 'the program still answers')
      await stop()
    })
  }

  const published: [string, ServerEnd, Conf][] = [
    ['another address', { port: 8080, address: '127.0.0.1' }, { hostIP: '192.168.77.10' }],
    ['another port', { port: 8081, address: '0.0.0.0' }, {}],
    ['another protocol', { port: 8080, protocol: 'udp', address: '0.0.0.0' }, {}],
    ['IPv6 only', { port: 8080, address: '::', inet6Only: true }, {}],
  ]
  for (const [name, end, mapping] of published) {
    await t.test(`is published beside a listener: ${name}`, async (t) => {
      const stop = await serve(t, host.netns, 'program', end)
      await host.add(container, publishing(mapping))
      const stopContainer = await serve(t, container, 'container', { port: 80 })
      const at = { port: 8080, address: '192.168.77.10' }
      t.equal(await ask(host.outside, at), 'container <- 192.168.77.1')
      await stop()
      await stopContainer()
      await host.del(container)
    })
  }

  await t.test('is taken over if the settings allow it, with a warning', async (t) => {
    await serve(t, host.netns, 'program', { port: 8080, address: '0.0.0.0' })
    const { exitCode, stderr } = await host.call('ADD', container, publishing({}, { takeOverPorts: true }))
    t.equal(exitCode, 0, stderr)
    t.match(stderr, /"warn".*taken from a program of this host.*tcp 8080: perl/)
    await serve(t, container, 'container', { port: 80 })
    t.equal(await ask(host.outside, { port: 8080, address: '192.168.77.10' }), 'container <- 192.168.77.1')
  })
})

t.test('with two families a listener on IPv6 alone counts', { skip }, async (t) => {
  const host = await makeHost(t, { dual: true, certificate: DUAL_A })
  const container = await host.container()
  const dual = (mapping: Conf): { conf: Conf } => publishing(mapping, { pool: DUAL_POOL })
  await serve(t, host.netns, 'program', { port: 8080, address: '::', inet6Only: true })
  isRefused(t, await host.call('ADD', container, dual({})), 108, /tcp 8080: .* listens on \[::\]:8080/)
  t.ok(addressOf(await host.add(container, dual({ hostIP: '0.0.0.0' }))), 'a port on IPv4 alone is published')
})

t.test('check and ps report published ports that do not work', { skip }, async (t) => {
  const host = await makeHost(t)
  const [web, lost] = [await host.container(), await host.container()]
  const look = () => checkHost(host, ['--group', 'IPAM'])
  await host.add(web, publishing({}))

  await t.test('report nothing while all ports work', async (t) => {
    const report = await look()
    isFine(t, report)
    t.match(saidBy(report, 'IPAM-012'), /^ok {2}1 published/)
    t.match(saidBy(report, 'IPAM-013'), /^ok {2}1 published/)
    t.match((await host.cli(['ps'])).stdout, / 8080→80\/tcp /)
  })

  await t.test('report a program that has started to listen since', async (t) => {
    const stop = await serve(t, host.netns, 'program', { port: 8080, address: '0.0.0.0' })
    const report = await look()
    isBroken(
      t,
      report,
      'IPAM-012',
      /^warn tcp 8080 perl \(process \d+\) of this host listens on 0\.0\.0\.0:8080, .* go to \S+ eth0/,
    )
    const { stdout } = await host.cli(['ps'])
    t.match(stdout, / 8080→80\/tcp! /)
    t.match(stdout, /^! \S+ 8080→80\/tcp!: perl \(process \d+\) of this host listens on 0\.0\.0\.0:8080$/m)
    const { containers } = JSON.parse((await host.cli(['ps', '--json'])).stdout) as ContainersView
    t.match(containers[0]?.ports[0]?.trouble, { kind: 'host-program', says: /^perl \(process \d+\)/ })
    await stop()
    isFine(t, await look())
  })

  await t.test('report an address that the host does not have', async (t) => {
    await host.call('ADD', lost, publishing({ hostPort: 8081, hostIP: '192.168.77.99' }))
    isBroken(
      t,
      await look(),
      'IPAM-013',
      /^warn 192\.168\.77\.99 tcp 192\.168\.77\.99:8081 of \S+ eth0 .* cannot be reached$/,
    )
    const { stdout } = await host.cli(['ps'])
    t.match(stdout, / 192\.168\.77\.99:8081→80\/tcp! /)
    t.match(stdout, /^! \S+ 192\.168\.77\.99:8081→80\/tcp!: this host does not have 192\.168\.77\.99$/m)
    await host.netns.batch(['address add 192.168.77.99/24 dev eth0'])
    isFine(t, await look())
    t.notMatch((await host.cli(['ps'])).stdout, /!/)
  })
})
