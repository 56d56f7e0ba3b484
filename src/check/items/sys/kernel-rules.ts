// SYS-007: the kernel has the parts of nf_tables that our rules use.

import { checkItem } from '../../item.ts'
import { modulesOf } from '../../../net/kernel-needs.ts'
import { modprobeSteps } from './modprobe.ts'

export const kernelRulesItem = checkItem({
  id: 'SYS-007',
  title: "kernel accepts flatnet's nft rules",
  fault: "kernel refuses flatnet's nft rules",
  why:
    'Masquerading, published ports and the MSS clamp are rules of these kinds; ' +
    'an ADD fails when the kernel refuses one.',
  causes: [
    'A kernel older than 5.6, or one built without parts of nf_tables.',
    'WSL2: kernels before 5.15.57.1 lack nft_ct, nft_masq and nft_nat; a custom kernel lacks its modules.',
  ],
  steps: ['modprobe -a nf_tables nft_ct nft_masq nft_nat', 'WSL2: wsl --update, from Windows'],
  needs: ['kernel'],
  after: ['SYS-002', 'SYS-004'],
  pre: true,
  judge: ({ kernel }) => {
    const missing = kernel.rules.filter(({ works }) => !works)
    if (missing.length === 0) return { verdict: 'ok', seen: `kernel ${kernel.release}` }
    const modules = [...new Set(missing.flatMap(({ feature }) => modulesOf(feature)))]
    const names = missing.map(({ feature }) => feature).join(', ')
    const seen = `kernel ${kernel.release} refuses ${names}: ${missing[0]?.said ?? ''}`
    return { verdict: 'fail', seen, next: modprobeSteps(modules, kernel) }
  },
})
