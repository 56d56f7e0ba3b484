// NEB-006: Nebula's configuration can be read, and is the one in use.

import { checkItem } from '../../item.ts'

export const file = checkItem({
  id: 'NEB-006',
  title: "nebula's configuration can be read",
  why: 'What stands in it decides whether containers get through; the agent takes lighthouses and blocklist from it.',
  causes: [
    'It lies elsewhere than /etc/nebula/config.yml.',
    'It was edited and is no YAML any more; Nebula will not start again.',
  ],
  steps: ['set its path in /etc/flatnet/flatnet.json: "nebula": {"config": "/etc/nebula/NAME.yml"}'],
  needs: ['nebulaFile'],
  judge: ({ nebulaFile: { state, path, settingsPath, problems } }) => {
    const told = problems.join('; ')
    if (state === 'absent') return { verdict: 'warn', seen: told === '' ? `${path} is not there` : told }
    const next = [`nebula -test -config ${path}`]
    if (state === 'damaged') return { verdict: 'fail', seen: told, next }
    if (problems.length > 0) return { verdict: 'warn', seen: told, next }
    if (path !== settingsPath) {
      const seen = `Nebula runs with ${path}, flatnet reads ${settingsPath}`
      // That of a container is out of flatnet's reach.
      const next = path.startsWith('/proc/')
        ? [`give its container the file of the host: --volume ${settingsPath}:${inContainer(path)}:ro`]
        : [`set "nebula": {"config": "${path}"} in /etc/flatnet/flatnet.json`]
      return { verdict: 'warn', seen, next }
    }
    return { verdict: 'ok', seen: path }
  },
})

function inContainer(path: string): string {
  return path.replace(/^\/proc\/\d+\/root/, '')
}
