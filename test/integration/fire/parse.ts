// Runs everything that reads a runtime's call on 20,000 calls: an invalid one is refused with a code, never
// with another error.
import fc from 'fast-check'
import t from 'tap'
import { inputs } from '../../../scripts/soak/inputs.ts'
import { parseEnvironment } from '../../../src/cni/environment.ts'
import { CniError } from '../../../src/cni/error.ts'
import { renderError } from '../../../src/cni/failure.ts'
import { parseNetConf, parseStdin } from '../../../src/config/cni/netconf.ts'
import { parseRequest } from '../../../src/config/cni/request.ts'
import { parseSettings } from '../../../src/config/settings.ts'

const CONF = {
  cniVersion: '1.0.0',
  name: 'flatnet',
  type: 'flatnet-cni',
  nebula: { ca: '/etc/nebula/ca.crt', cert: '/etc/nebula/host.crt' },
  runtimeConfig: { ips: ['10.87.1.20/24'], mac: '02:00:00:00:00:01' },
  dns: { nameservers: ['10.87.1.1'], search: ['a'] },
}
const ENV = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_IFNAME: 'eth0',
  CNI_NETNS: '/run/netns/c1',
  CNI_ARGS: 'IP=10.87.1.20',
  CNI_PATH: '/opt/cni/bin',
}

t.test('20,000 random and damaged calls are accepted or refused with a code', (t) => {
  let [understood, refused] = [0, 0]
  const read = ({ env, stdin }: { env: Readonly<Record<string, string>>; stdin: string }): void => {
    try {
      const environment = parseEnvironment(env)
      const conf = parseNetConf(parseStdin(stdin), environment.verb !== 'DEL' && environment.verb !== 'GC')
      parseSettings([{ object: conf.own, source: 'network configuration' }])
      if ('args' in environment) parseRequest(conf, environment)
      understood += 1
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      const said = JSON.parse(renderError(error, stdin)) as { code: number; msg: string }
      if (said.code === 999 || said.msg === '') throw new Error(`says nothing: ${JSON.stringify(said)}`)
      refused += 1
    }
  }
  const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261122)
  t.doesNotThrow(() => fc.assert(fc.property(inputs(CONF, ENV), read), { numRuns: 20_000, seed }))
  t.ok(understood > 500, `${String(understood)} understood`)
  t.ok(refused > 5_000, `${String(refused)} refused`)
  t.end()
})
