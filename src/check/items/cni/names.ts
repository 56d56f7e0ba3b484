// CNI-008: no two configurations define the same network, or share a bridge by accident.

import { isOurs } from '../../reading/conflist.ts'
import { checkItem, type Finding } from '../../item.ts'

export const names = checkItem({
  id: 'CNI-008',
  title: 'network names and bridges are used once',
  fault: 'network name or bridge is used twice',
  why:
    'Of two files with one name a runtime uses the one it reads first; ' +
    "two networks on one bridge undo each other's addresses.",
  causes: [
    'A copy of the file was kept in the same folder.',
    'A network was given the name or bridge of another.',
  ],
  steps: ['remove one of the files, or give it another name and bridge'],
  needs: ['conflists'],
  judge: ({ conflists: { files } }) => {
    const good = files.filter(({ problem }) => problem === undefined)
    const ours = good.filter(({ plugins }) => plugins.some(isOurs))
    const twice = ours.flatMap(({ path, name }): Finding[] => {
      const others = good
        .filter((other) => other.name === name && other.path !== path)
        .map((other) => other.path)
      if (others.length === 0) return []
      const seen = `network ${name} is also in ${others.join(' and ')}`
      return [
        { verdict: 'fail', subject: path, seen, next: ['remove one of the files, or give it another name'] },
      ]
    })
    const foreign = ours.flatMap(({ path, settings }): Finding[] => {
      const bridge = settings?.bridge
      const others = good.filter(
        ({ plugins }) =>
          bridge !== undefined &&
          plugins.some(
            (plugin) => !isOurs(plugin) && plugin.type === 'bridge' && bridgeOf(plugin.conf) === bridge,
          ),
      )
      if (others.length === 0) return []
      const seen =
        `its bridge ${String(bridge)} is also used by ` + `${others.map((other) => other.path).join(' and ')}`
      return [
        {
          verdict: 'fail',
          subject: path,
          seen,
          next: [`set another "bridge" in ${others[0]?.path ?? path}`],
        },
      ]
    })
    const found = [...twice, ...foreign]
    if (found.length > 0) return found
    return ours.map(({ path, name }) => ({
      verdict: 'ok',
      subject: path,
      seen: `network ${name}, defined once`,
    }))
  },
})

// The reference plugin uses cni0 when its configuration names no bridge (plugins/main/bridge/bridge.go,
// defaultBrName).
function bridgeOf(conf: Readonly<Record<string, unknown>>): unknown {
  return conf['bridge'] ?? 'cni0'
}
