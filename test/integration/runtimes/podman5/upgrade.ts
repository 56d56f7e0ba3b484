// podman 4 with CNI is replaced by podman 5 while its containers run.

import t from 'tap'
import { IMAGE } from '../../../../scripts/lab/host/podman.ts'
import { whyNoPodman5 } from '../../../../scripts/lab/podman5/packages.ts'
import { whyNoLab } from '../../../../scripts/lab/possible.ts'
import { upLab } from '../../../../scripts/lab/up.ts'
import { containerOf, leasesOn, podman, remainsOn, runWeb } from '../../../fixtures/runtimes/podman.ts'
import { upgradePodman } from '../../../fixtures/runtimes/podman5/upgrade.ts'
import { pageFrom } from '../../../fixtures/traffic/reach.ts'

t.test('containers over an upgrade', { skip: whyNoLab() || whyNoPodman5('trixie') }, async (t) => {
  const lab = await upLab({ name: `tupgr${process.pid}` })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  const far = await runWeb(b, 'far')
  const ON = ['--network', 'flatnet']
  const web = await runWeb(a, 'web', [...ON, '-p', '8080:80'])
  const [restarted, ended, stopped] = [
    await runWeb(a, 'restarted', ON),
    await runWeb(a, 'ended', ON),
    await runWeb(a, 'stopped', ON),
  ]
  await podman(a, ['stop', '-t', '0', 'stopped'])

  await upgradePodman(a, 'trixie')
  t.match((await podman(a, ['--version'])).stdout, /version 5\./)
  const reaches = async (what: string): Promise<void> => {
    t.equal(await pageFrom(far, web.address), 'hello from web', `${what}: from another host`)
    const { stdout } = await lab.lan.exec(['curl', '-sf', '-m', '60', `http://${a.plan.v4.wsl}:8080/`])
    t.equal(stdout, 'hello from web', `${what}: the published port`)
  }
  await reaches('its containers go on')
  t.equal((await containerOf(a, 'web')).address, web.address, 'podman 5 knows their addresses')
  const other = await podman(a, ['run', '--rm', ...ON, IMAGE, 'ip', 'address', 'show', 'dev', 'eth0'])
  for (const { address } of [web, restarted, ended]) t.notMatch(other.stdout, `inet ${address}/`)

  await podman(a, ['stop', '-t', '0', 'web'])
  t.notOk((await leasesOn(a)).includes(web.address), 'stop is reported to the new driver')
  await podman(a, ['start', 'web'])
  await reaches('stopped and started')
  t.equal((await containerOf(a, 'web')).address, web.address)
  await podman(a, ['restart', '-t', '0', 'restarted'])
  t.equal((await containerOf(a, 'restarted')).address, restarted.address, 'restart')
  await podman(a, ['start', 'stopped'])
  t.equal((await containerOf(a, 'stopped')).address, stopped.address, 'stopped before, started after')

  // conmon of podman 4 reports the end with --network-backend cni, which podman 5 refuses.
  const { stdout: pid } = await podman(a, ['inspect', 'ended', '--format', '{{.State.Pid}}'])
  await a.exec(['kill', '-9', pid])
  await podman(a, ['start', 'ended'])
  t.equal((await containerOf(a, 'ended')).address, ended.address, 'ended unheard, and started')

  await podman(a, ['rm', '-f', '-t', '0', '-a'])
  // The results that podman 4's library of CNI keeps are of no use to podman 5.
  const remains = (await remainsOn(a)).filter((thing) => !thing.startsWith('results/'))
  t.same(remains, [], 'nothing else is left')
})
