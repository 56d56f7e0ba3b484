// What happens to the routes when an agent ends, hangs or is deceived, and how it reacts when others change
// what it owns.
import t from 'tap'
import { addContainer, type PlainContainer } from '../../../scripts/bench/failover/container.ts'
import { signalAgent, startAgent, stopAgent } from '../../../scripts/lab/host/agent.ts'
import { impair } from '../../../scripts/lab/network/impair.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { HOST_NEBULA, startNebula } from '../../../scripts/lab/nebula/nebula.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import {
  directRoute,
  flatnet,
  gatewayRoute,
  historyOf,
  isDirect,
  logOf,
  pathsOf,
  PATIENCE_MS,
  pings,
  reasonsOfFall,
  routesOf,
  SHORT_WAITS,
  waitForMeasured,
  waitForPath,
  writeSettings,
} from '../../fixtures/lab/agents.ts'

t.test('two hosts', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tagentown${process.pid}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  const settings = { agent: SHORT_WAITS }
  for (const { files } of [a, b]) await writeSettings(files, settings)
  const [direct, gateway] = [directRoute(a, b), gatewayRoute(a, b)]
  let from: PlainContainer
  let to: PlainContainer
  const has = async (route: string): Promise<boolean> => (await routesOf(a)).includes(route)
  const comesBack = async (what: string): Promise<void> => {
    await waitForPath(a, b, 'direct')
    t.ok(await pings(a, from.enter, to.address), what)
  }

  await t.test('without an agent ADD installs both routes', async (t) => {
    from = await addContainer(a, 'own-a')
    to = await addContainer(b, 'own-b')
    t.ok(await has(direct))
    t.ok(await has(gateway))
  })

  await t.test('an agent adopts the routes that are there', async () => {
    await Promise.all([startAgent(a), startAgent(b)])
    await waitForMeasured(lab)
  })

  await t.test('a second agent is refused with a message', async (t) => {
    const { exitCode, stderr } = await flatnet(a, 'agent')
    t.equal(exitCode, 1)
    t.match(stderr, /another agent runs/)
    t.match(stderr, /agent\.sock/)
    await waitForPath(a, b, 'direct')
  })

  await t.test('with a live agent ADD leaves the direct routes to it', async (t) => {
    const mend = await impair(b, { kind: 'black-hole' })
    await waitForPath(a, b, 'gateway')
    const another = await addContainer(a, 'own-a2')
    t.notOk(await has(direct))
    t.ok(await has(gateway))
    t.ok(await pings(a, another.enter, to.address), 'the new container uses the gateway path')
    await another.remove()
    await mend()
    await comesBack('after a black hole')
  })

  await t.test('invalid settings are logged, and the old ones stay', async (t) => {
    for (const [bad, why] of [
      [{ agent: { probe: { fastMs: 'soon' } } }, /flatnet\.json: agent\.probe\.fastMs.*"soon"/],
      ['{"agent": ', /flatnet\.json/],
    ] as const) {
      const before = (await logOf(a)).length
      await writeSettings(a.files, bad)
      await signalAgent(a, 'HUP')
      await waitUntil('the log message', PATIENCE_MS, async () =>
        (await logOf(a))
          .slice(before)
          .some(({ msg, error }) => msg === 'settings not taken over' && why.test(String(error))),
      ).catch(async (error: unknown) => t.fail(String(error), { log: (await logOf(a)).slice(before) }))
      await waitForPath(a, b, 'direct')
    }
    await writeSettings(a.files, settings)
    await signalAgent(a, 'HUP')
    await waitUntil('the settings to be applied', PATIENCE_MS, async () =>
      (await logOf(a)).some(({ msg }) => msg === 'settings taken over'),
    )
    t.equal((await pathsOf(a)).get('host-b')?.phase, 'P2P_ACTIVE')
  })

  await t.test('routes that others delete come back', async (t) => {
    const all = await routesOf(a)
    const { subnet } = b.plan.v4
    for (const words of [
      ['route', 'delete', subnet, 'metric', '100'],
      ['route', 'delete', subnet, 'metric', '500'],
      ['route', 'delete', '10.87.2.2'],
      ['route', 'delete', '10.87.2.3'],
      ['address', 'delete', '10.87.1.2/32', 'dev', 'flatnet0'],
      ['address', 'delete', '10.87.1.1/24', 'dev', 'flatnet0'],
    ]) {
      await a.exec(['ip', ...words])
      await waitUntil(`the return of what "ip ${words.join(' ')}" removed`, PATIENCE_MS, async () => {
        const { stdout } = await a.exec(['ip', '-brief', 'address', 'show', 'dev', 'flatnet0'])
        const hasAddresses = ['10.87.1.1/24', '10.87.1.2/32', '10.87.1.3/32'].every((each) =>
          stdout.includes(each),
        )
        return hasAddresses && (await sameRoutes())
      }).catch(async (error: unknown) =>
        t.fail(String(error), { have: await routesOf(a), want: all, log: (await logOf(a)).slice(-15) }),
      )
    }
    async function sameRoutes(): Promise<boolean> {
      const have = await routesOf(a)
      return all.every((route) => have.includes(route))
    }
    await comesBack('after deletions')
  })

  await t.test('SIGKILL: the direct routes go, the gateway routes stay', async (t) => {
    const begun = Date.now()
    await signalAgent(a, 'KILL')
    await waitUntil('the direct route to go', PATIENCE_MS, async () => !(await has(direct)))
    t.ok(await has(gateway))
    await waitForPath(a, b, 'gateway')
    t.ok(await pings(a, from.enter, to.address), 'traffic takes the gateway path in both directions')
    const reasons = reasonsOfFall(await historyOf(b, 'host-a', begun))
    t.ok(reasons.length > 0, 'the peer records the reason')
    await startAgent(a)
    await comesBack('after SIGKILL')
  })

  await t.test('SIGSTOP: the same, and the agent recovers', async (t) => {
    const begun = Date.now()
    // It is stopped while it considers the routes its own. When it continues it must notice that they were
    // removed.
    await a.exec(['ip', 'route', 'delete', '10.87.2.2'])
    await signalAgent(a, 'STOP')
    await waitUntil('the direct route to go', PATIENCE_MS, async () => !(await has(direct)))
    t.ok(await has(gateway))
    // The peer hears nothing on either path, so it stays on the direct path. Nebula still carries what it
    // sends.
    t.ok(await pings(a, from.enter, to.address))
    await signalAgent(a, 'CONT')
    await comesBack('after SIGSTOP')
    // Its API may answer before its timers have noticed the pause.
    await waitUntil('the reason in the history', PATIENCE_MS, async () => {
      return (await historyOf(a, 'host-b', begun))[0]?.reason === 'agent-stalled'
    })
  })

  await t.test('SIGTERM: the direct routes go before the agent ends', async (t) => {
    await stopAgent(a)
    t.notOk(await has(direct))
    t.ok(await has(gateway))
    await waitUntil('the peer to follow', PATIENCE_MS, async () => !(await isDirect(b, a)))
    const another = await addContainer(a, 'own-a3')
    t.ok(await has(direct), 'ADD installs both paths again')
    await another.remove()
  })

  await t.test('a starting agent adopts the direct route that is there', async (t) => {
    const begun = Date.now()
    t.ok(await has(direct))
    await startAgent(a)
    t.equal((await historyOf(a, 'host-b', begun))[0]?.reason, 'adopted')
    await comesBack('after a new start')
  })

  await t.test('Nebula is killed and started again', async (t) => {
    const begun = Date.now()
    await b.exec(['sh', '-c', 'kill -9 "$(cat "$1")"', 'sh', HOST_NEBULA.pidFile])
    await waitForPath(a, b, 'gateway')
    t.ok(await pings(a, from.enter, to.address), 'traffic takes the gateway path')
    await waitUntil('the reason in the history', PATIENCE_MS, async () =>
      reasonsOfFall(await historyOf(b, 'host-a', begun)).includes('link-gone'),
    )
    await startNebula(b, lab.record.nebula, HOST_NEBULA)
    await comesBack('after a restart of Nebula')
  })

  await t.test('eth0 gets another address and another gateway', async (t) => {
    const { windows, wsl, subnet } = a.plan.v4
    const [newGateway, newAddress] = [windows.replace(/1$/, '3'), wsl.replace(/2$/, '77')]
    await a.windows.exec(['ip', 'address', 'add', `${newGateway}/24`, 'dev', 'vEthernet'])
    await a.exec(['ip', '-batch', '-'], {
      input:
        `address delete ${wsl}/24 dev eth0\naddress add ${newAddress}/24 dev eth0\n` +
        `route replace default via ${newGateway} dev eth0\n`,
    })
    await a.windows.exec(['ip', 'route', 'replace', subnet, 'via', newAddress])
    const moved = gateway.replace(`via ${windows} `, `via ${newGateway} `)
    await waitUntil('the gateway route to follow', PATIENCE_MS, () => has(moved))
    t.notOk(await has(gateway))
    const mend = await impair(b, { kind: 'black-hole' })
    await waitForPath(a, b, 'gateway')
    t.ok(await pings(a, from.enter, to.address), 'the gateway route carries traffic')
    await mend()
    await comesBack('after the change')
  })

  await t.test('with both paths down the agent stays on the direct path and reports it', async (t) => {
    const { phase } = (await pathsOf(a)).get('host-b') ?? {}
    const mend = await impair(b, { kind: 'both-paths' })
    await waitUntil('the report', PATIENCE_MS, async () => {
      const { stdout } = await flatnet(a, 'path', 'host-b')
      return /no path answers/.test(stdout)
    }).catch(async (error: unknown) => t.fail(String(error), { view: (await pathsOf(a)).get('host-b') }))
    t.equal((await pathsOf(a)).get('host-b')?.phase, phase)
    await mend()
    await comesBack('after both were down')
  })

  await t.test('agents that were killed, stopped and ended leave no process', async (t) => {
    await from.remove()
    await to.remove()
    for (const host of [a, b]) {
      await stopAgent(host)
      const left = async (): Promise<string> =>
        (
          await host.exec([
            'sh',
            '-c',
            'ps -eo pid,ppid,args | grep -E "[f]latnet-cni|[i]p monitor|[a]gent.json"; true',
          ])
        ).stdout
      await waitUntil(
        `the processes of ${host.name} to end`,
        PATIENCE_MS,
        async () => (await left()) === '',
      ).catch(async () => t.fail('processes are left', { left: await left() }))
    }
  })
})
