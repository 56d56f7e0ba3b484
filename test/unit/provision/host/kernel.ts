import t from 'tap'
import { KERNEL_LINKS, KERNEL_RULES } from '../../../../src/net/kernel-needs.ts'
import { type KernelFound, type KernelPlan, planKernel } from '../../../../src/provision/host/kernel.ts'

const ALL = [...KERNEL_LINKS, ...KERNEL_RULES].map(({ feature }) => feature)

/** The plan for a kernel on which these features do not work and these modules are installed. */
function planFor(broken: readonly string[], installed: readonly string[], hasContainers = true): KernelPlan {
  const trials = ALL.map((feature) => ({ feature, works: !broken.includes(feature), said: 'no' }))
  const found: KernelFound = {
    release: '6.6',
    hasModules: installed.length > 0,
    installed: new Set(installed),
    trials,
  }
  return planKernel(found, hasContainers)
}

t.test('a kernel with all built in gets nothing', async (t) => {
  t.same(planFor([], []), { atStart: [], load: [], lacks: [] })
  t.same(planFor([], ['ext4']), { atStart: [], load: [], lacks: [] })
})

t.test('modules are loaded at each start, and now where nothing has loaded them', async (t) => {
  const installed = ['bridge', 'tun', 'nft_ct', 'nft_masq', 'ext4']
  t.same(planFor(['tun', 'nft ct', 'nft ct zone'], installed), {
    atStart: ['bridge', 'tun', 'nft_masq', 'nft_ct'],
    load: ['tun', 'nft_ct'],
    lacks: [],
  })
})

t.test('what no module brings is named', async (t) => {
  t.match(planFor(['bridge', 'nft masquerade'], ['tun']), {
    atStart: ['tun'],
    load: [],
    lacks: [{ feature: 'bridge', said: 'no' }, { feature: 'nft masquerade' }],
  })
})

t.test('a host without containers needs a tun device alone', async (t) => {
  t.match(planFor(ALL, ['tun', 'bridge'], false), { atStart: ['tun'], load: ['tun'], lacks: [] })
})
