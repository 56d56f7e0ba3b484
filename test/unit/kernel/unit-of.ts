import t from 'tap'
import { unitIn } from '../../../src/kernel/unit-of.ts'

t.test('the unit is the last part of the path of a service of the system', async (t) => {
  const cases: readonly (readonly [text: string, unit: string | undefined])[] = [
    ['0::/system.slice/flatnet-nebula.service\n', 'flatnet-nebula.service'],
    ['0::/system.slice/system-nebula.slice/nebula@config.service\n', 'nebula@config.service'],
    ['2:cpu:/x\n1:name=systemd:/system.slice/my\\x2dvpn.service\n0::/\n', 'my\\x2dvpn.service'],
    ['0::/lxc/one/system.slice/nebula.service\n', 'nebula.service'],
    ['0::/user.slice/user-0.slice/session-3.scope\n', undefined],
    ['0::/user.slice/user-0.slice/user@0.service/app.slice/nebula.service\n', undefined],
    ['0::/system.slice/docker-ab.scope\n', undefined],
    ['0::/system.slice/a b.service\n', undefined],
    ['3:pids:/system.slice/nebula.service\n0::/\n', undefined],
    ['', undefined],
  ]
  for (const [text, unit] of cases) t.equal(unitIn(text), unit, text)
})
