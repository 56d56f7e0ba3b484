// `flatnet-cni nebula config` on hosts with a hand-written configuration: compared, replaced, and at work.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addContainer } from '../../../scripts/bench/failover/container.ts'
import { HOST_NEBULA, startNebula, stopNebula } from '../../../scripts/lab/nebula/nebula.ts'
import { makeCertificates } from '../../../scripts/lab/nebula/certificates.ts'
import { nebulaFolder, nebulaVersion } from '../../../scripts/lab/nebula/packages.ts'
import { waitForNebula } from '../../../scripts/lab/network/faults.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { planTopology } from '../../../scripts/lab/topology.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { flatnet, PATIENCE_MS } from '../../fixtures/lab/agents.ts'
import { hopsFrom } from '../../fixtures/lab/provisioned.ts'
import { hostPlan } from '../../fixtures/provision/nebula-plan.ts'
import { writeNebulaConfig } from '../../../src/host/nebula/write-configuration.ts'
import { renderNebulaConfig } from '../../../src/provision/nebula/config.ts'
import { BY_NEBULA } from '../../fixtures/traffic/reach.ts'

t.test('a configuration written by hand', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `handwritten${process.pid}`, podman: false })
  t.teardown(() => lab.down())
  const [a, b] = [lab.host('a'), lab.host('b')]
  const version = await nebulaVersion('1.11')
  const folder = join(a.files, 'own/etc/nebula')
  const file = join(folder, 'config.yml')
  const before = readFileSync(file, 'utf8')
  const config = (...more: string[]): ReturnType<typeof flatnet> =>
    flatnet(a, 'nebula', 'config', '--nebula-version', version, ...more)

  const diff = await config('--diff', '--json')
  t.equal(diff.exitCode, 0, diff.stderr)
  const { differences } = JSON.parse(diff.stdout) as { differences: { key: string; why: string }[] }
  t.ok(differences.some(({ key, why }) => key === 'pki.disconnect_invalid' || why !== ''))
  t.match(
    (await config('--diff')).stdout,
    /listen\.read_buffer\n {2}yours: missing\n {2}ours: +10485760\n {2}why:/,
  )
  t.equal(readFileSync(file, 'utf8'), before, 'a comparison changes nothing')
  t.match((await config()).stdout, /^# Nebula's configuration of host-a, a host: 10\.86\.1\.1\/16/)

  for (const host of [a, b]) {
    const { exitCode, stderr } = await flatnet(
      host,
      'nebula',
      'config',
      '--nebula-version',
      version,
      '--write',
    )
    t.equal(exitCode, 0, stderr)
    await stopNebula(host, HOST_NEBULA)
    await startNebula(host, '1.11', HOST_NEBULA)
  }
  t.equal(readFileSync(join(folder, 'config.yml.before-flatnet-1'), 'utf8'), before, 'the old one is kept')
  t.match((await config('--diff')).stdout, 'has all that flatnet-cni would write')
  await waitForNebula(lab.hosts)
  for (const host of lab.hosts) await host.exec(['flatnet-cni', 'sync'])
  const [one, two] = [await addContainer(a, 'one'), await addContainer(b, 'two')]
  await waitUntil('containers reach each other', PATIENCE_MS, async () => {
    return (await hopsFrom(one, two.address)) === BY_NEBULA
  })
})

t.test('Nebula tests a new configuration before it replaces the old one', { skip: whyNoLab() }, async (t) => {
  const folder = t.testdir({ 'config.yml': 'the old one' })
  const file = join(folder, 'config.yml')
  const nebula = join(nebulaFolder('1.11'), 'nebula')
  await makeCertificates(folder, '1.11', planTopology('write', 1, false))
  const pki = { ca: `${folder}/ca.crt`, cert: `${folder}/host-a.crt`, key: `${folder}/host-a.key` }
  const good = renderNebulaConfig(hostPlan({ pki }))
  const files = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('config.yml'))

  await t.rejects(writeNebulaConfig(file, good.replace('port: 4280', 'port: many'), nebula), {
    message: 'Nebula refuses the new configuration',
    details: /nothing was changed/,
  })
  t.equal(readFileSync(file, 'utf8'), 'the old one')
  t.same(files(), ['config.yml'], 'and nothing is left beside it')

  t.same(await writeNebulaConfig(file, good, nebula), { backup: `${file}.before-flatnet-1`, tested: true })
  t.equal((await writeNebulaConfig(file, good, undefined)).backup, `${file}.before-flatnet-2`, 'none is lost')
  t.equal(readFileSync(`${file}.before-flatnet-1`, 'utf8'), 'the old one')
  t.equal(readFileSync(file, 'utf8'), good)
})
