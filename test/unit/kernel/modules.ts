import t from 'tap'
import { hasModules, installedModules, moduleNames } from '../../../src/kernel/modules.ts'

t.test('names come from modules.dep as the kernel spells them', async (t) => {
  const text =
    'kernel/net/bridge/bridge.ko.xz: kernel/net/802/stp.ko.xz kernel/net/llc/llc.ko.xz\n' +
    'kernel/drivers/net/tun.ko:\nextra/nft-chain-nat.ko.zst: kernel/net/netfilter/nf_nat.ko.zst\n\nnonsense\n'
  t.same([...moduleNames(text)], ['bridge', 'tun', 'nft_chain_nat'])
})

t.test('a kernel without modules has none', async (t) => {
  t.notOk(hasModules('0.0-none'))
  t.same([...installedModules('0.0-none')], [])
})
