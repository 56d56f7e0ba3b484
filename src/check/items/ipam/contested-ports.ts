// IPAM-012: no program of the host listens on a port that a container has published.

import { checkItem } from '../../item.ts'

// The first few are enough to show the pattern.
const SHOWN = 5

export const contestedPorts = checkItem({
  id: 'IPAM-012',
  title: 'no program of the host listens on a published port',
  fault: 'program of the host listens on a published port',
  why:
    'The kernel sends the packets to the container. The program started without an error, ' +
    'but receives nothing.',
  causes: [
    'The program started after the container: ADD refuses a port on which a program already listens.',
    'The settings have "takeOverPorts": true.',
  ],
  steps: ['let the program listen on another port, or publish the container on a different one'],
  needs: ['publishedPorts'],
  judge: ({ publishedPorts: { count, contested } }) => {
    if (count === 0) return { verdict: 'ok', seen: 'no port is published' }
    if (contested.length === 0)
      return { verdict: 'ok', seen: `${String(count)} published, none with a listener` }
    const more = contested.length - SHOWN
    return contested.slice(0, SHOWN).map(({ port, attachment, program }, index) => ({
      verdict: 'warn' as const,
      subject: port,
      seen:
        `${program}, but the packets go to ${attachment}` +
        (more > 0 && index === SHOWN - 1 ? `; and ${String(more)} more` : ''),
    }))
  },
})
