// NEB-006: Nebula's configuration is readable, and is the one in use.

import { checkItem } from '../../item.ts'

export const file = checkItem({
  id: 'NEB-006',
  title: "Nebula's configuration can be read",
  fault: "Nebula's configuration cannot be read",
  why:
    'It decides whether container traffic passes, and the agent takes lighthouses and the ' +
    'blocklist from it.',
  causes: [
    'It is not at /etc/nebula/config.yml.',
    'An edit made it invalid YAML; Nebula will not start again with it.',
  ],
  steps: ['set its path in /etc/flatnet/flatnet.json: "nebula": {"config": "/etc/nebula/NAME.yml"}'],
  needs: ['nebulaFile'],
  judge: ({ nebulaFile: { state, path, settingsPath, problems } }) => {
    const told = problems.join('; ')
    if (state === 'absent') return { verdict: 'warn', seen: told === '' ? `${path} does not exist` : told }
    const next = [`nebula -test -config ${path}`]
    if (state === 'damaged') return { verdict: 'fail', seen: told, next }
    if (problems.length > 0)
      return { verdict: 'warn', fault: "Nebula's configuration can be read only in part", seen: told, next }
    if (path !== settingsPath) {
      const seen = `Nebula uses ${path}, but flatnet reads ${settingsPath}`
      // flatnet cannot change the configuration of a Nebula in a container.
      const next = path.startsWith('/proc/')
        ? [`give its container the file of the host: --volume ${settingsPath}:${inContainer(path)}:ro`]
        : [`set "nebula": {"config": "${path}"} in /etc/flatnet/flatnet.json`]
      return { verdict: 'warn', fault: 'flatnet reads another configuration than Nebula', seen, next }
    }
    return { verdict: 'ok', seen: path }
  },
})

function inContainer(path: string): string {
  return path.replace(/^\/proc\/\d+\/root/, '')
}
