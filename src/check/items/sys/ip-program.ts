// SYS-003: `ip` from iproute2 is installed and new enough.

import { checkItem } from '../../item.ts'
import { judgeProgram } from './program.ts'

// iproute2 4.17 introduced `ip -j` for routes; 4.18 is the next version that Debian and Ubuntu shipped.
const LEAST = '4.18'

export const ipProgramItem = checkItem({
  id: 'SYS-003',
  title: 'ip (iproute2) is installed and new enough',
  fault: 'ip (iproute2) is missing or too old',
  why: 'Every link, address and route of a container is made with it.',
  causes: [
    'The image is minimal and lacks iproute2.',
    'The ip of busybox comes first on the PATH; it supports neither JSON nor batches.',
  ],
  steps: ['apt-get install iproute2, or dnf install iproute', 'ip -Version   # must say iproute2'],
  needs: ['programs'],
  pre: true,
  judge: ({ programs }) => judgeProgram('ip', programs.ip, LEAST),
})
