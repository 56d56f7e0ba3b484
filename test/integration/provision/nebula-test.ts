// Every supported Nebula accepts its rendered configuration, with certificates of its own nebula-cert.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeCertificates } from '../../../scripts/lab/nebula/certificates.ts'
import { NEBULA_SERIES, nebulaFolder, nebulaVersion } from '../../../scripts/lab/nebula/packages.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { type Outcome, run } from '../../../scripts/lab/run.ts'
import { planTopology } from '../../../scripts/lab/topology.ts'
import { renderNebulaConfig } from '../../../src/provision/nebula/config.ts'
import type { NebulaPlan } from '../../../src/provision/nebula/plan.ts'
import { hostPlan, ip, lighthousePlan, prefix } from '../../fixtures/provision/nebula-plan.ts'

// The lab has no DNS; versions after 1.6 start without it.
function isAboutDns(line: string): boolean {
  return line.includes('"error":"lookup lh2.office.example')
}

for (const series of NEBULA_SERIES) {
  t.test(`Nebula ${series} accepts`, { skip: whyNoLab(series) }, async (t) => {
    const folder = t.testdir()
    const isNew = series === '1.11'
    await makeCertificates(folder, series, planTopology('accept', 1, isNew))
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'shell')])
    const { stdout: publicKey } = await run(['ssh-keygen', '-y', '-f', join(folder, 'shell')])
    const pki = (name: string): NebulaPlan['pki'] => ({
      ca: join(folder, 'ca.crt'),
      cert: join(folder, `${name}.crt`),
      key: join(folder, `${name}.key`),
    })
    const version = await nebulaVersion(series)
    // 1.6 resolves names before it starts, and the lab has no DNS.
    const lighthouses = hostPlan().lighthouses.slice(0, series === '1.6' ? 1 : 2)
    const here = { version, lighthouses, routes: [{ subnet: prefix('10.87.2.0/24'), via: ip('10.86.2.1') }] }
    const families = isNew
      ? {
          addresses: [prefix('10.86.1.1/16'), prefix('fd86::1:1/64')],
          pools: [prefix('10.87.0.0/16'), prefix('fd87::/48')],
          subnets: [prefix('10.87.1.0/24'), prefix('fd87:0:0:1::/64')],
        }
      : {}
    const plans: Readonly<Record<string, NebulaPlan>> = {
      'a host': hostPlan({ ...here, ...families, pki: pki('host-a') }),
      'a host with every option': hostPlan({
        ...here,
        pki: pki('host-a'),
        allowFrom: ['営業', 'a "b" #c', "it's: {x}", '\\', 'no'],
        blocklist: ['ab'.repeat(32)],
        bridges: ['lan+1.5'],
        listenPort: 4243,
        shell: {
          port: 2222,
          hostKey: join(folder, 'shell'),
          user: 'flatnet',
          authorizedKey: publicKey.split(' ').slice(0, 2).join(' '),
        },
      }),
      'a lighthouse': lighthousePlan({ ...here, routes: [], pki: pki('lighthouse') }),
      'a lighthouse with containers and DNS': lighthousePlan({
        ...here,
        pki: pki('host-a'),
        addresses: [prefix('10.86.1.1/16')],
        subnets: [prefix('10.87.1.0/24')],
        servesDns: true,
      }),
    }
    for (const [name, plan] of Object.entries(plans)) {
      const { exitCode, stdout, stderr } = await test(folder, renderNebulaConfig(plan))
      const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => !isAboutDns(line))
      t.equal(exitCode, 0, `${name}: ${lines.at(-1) ?? ''}`)
      t.same(
        lines.filter((line) => /"level":"(?:WARN|ERROR|warning|error|fatal)"/.test(line)),
        [],
        name,
      )
    }
    const [text] = Object.values(plans).map(renderNebulaConfig)
    const broken = await test(folder, text?.replace('"10.86.0.1":', '"10.86.0.9":') ?? '')
    t.not(broken.exitCode, 0, 'a lighthouse without an address is refused, so the test can fail')

    async function test(where: string, config: string): Promise<Outcome> {
      await writeFile(join(where, 'config.yml'), config)
      const nebula = join(nebulaFolder(series), 'nebula')
      return run([nebula, '-test', '-config', join(where, 'config.yml')], { check: false })
    }
  })
}
