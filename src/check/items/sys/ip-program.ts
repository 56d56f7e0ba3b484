// SYS-003: iproute2's `ip`.

import { checkItem } from '../../item.ts'
import { judgeProgram } from './program.ts'

// `ip -j` for routes came with iproute2 4.17; 4.18 is what Debian and Ubuntu had next.
const LEAST = '4.18'

export const ipProgramItem = checkItem({
  id: 'SYS-003',
  title: 'ip (iproute2) is installed and new enough',
  why: 'Every link, address and route of a container is made with it.',
  causes: [
    'A minimal image without iproute2.',
    'The ip of busybox stands first on the PATH: it knows neither JSON nor batches.',
  ],
  steps: ['apt-get install iproute2, or dnf install iproute', 'ip -Version has to say iproute2'],
  needs: ['programs'],
  pre: true,
  judge: ({ programs }) => judgeProgram('ip', programs.ip, LEAST),
})
