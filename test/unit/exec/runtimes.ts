// What is known of containers, from runtimes that scripts stand in for.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { askRuntimes } from '../../../src/exec/runtimes.ts'

const [A, B, C] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const

/** Puts these programs, and no others, into the first folder of the PATH. */
function install(t: Test, programs: Readonly<Record<string, string>>): void {
  const folder = t.testdir()
  for (const name of ['podman', 'nerdctl']) {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${programs[name] ?? 'exit 125'}\n`)
    chmodSync(path, 0o755)
  }
  const before = process.env['PATH']
  process.env['PATH'] = `${folder}:${before ?? ''}`
  t.teardown(() => (process.env['PATH'] = before))
}

t.test('podman and nerdctl tell names, labels and declared ports of their containers', async (t) => {
  install(t, {
    podman:
      `echo '[{"Id":"${A}","Names":["web","web-1"],"Labels":{"flatnet.http":"true","n":1},` +
      `"ExposedPorts":{"80":["tcp","x"],"0":["udp"]}},{"Id":3},null]'`,
    nerdctl: `[ "$1" = --namespace=k8s.io ] || exit 1
echo '{"ID":"${B}","Names":"db","Labels":"a=1,flatnet.port=80=x,y"}'
echo 'no JSON'; echo '{"ID":"${C}","Names":""}'`,
  })
  const { containers, silent } = await askRuntimes([A, `k8s.io-${B}`, `k8s.io-${C}`, 'plain'])
  t.same(containers.get(A), {
    names: ['web', 'web-1'],
    labels: { 'flatnet.http': 'true' },
    exposed: [{ protocol: 'tcp', port: 80 }],
  })
  t.same(containers.get(`k8s.io-${B}`), {
    names: ['db'],
    labels: { a: '1', 'flatnet.port': '80=x', y: '' },
    exposed: [],
  })
  t.same(containers.get(`k8s.io-${C}`)?.names, [])
  t.equal(containers.get('plain'), undefined)
  t.same(silent, [])
})

t.test('a runtime that fails or prints garbage names none', async (t) => {
  for (const podman of ['exit 1', 'echo nonsense', 'echo 3']) {
    install(t, { podman })
    const { containers, silent } = await askRuntimes([A])
    t.same([[...containers], silent], [[], []], podman)
  }
})

t.test('a hanging runtime is reported and asked once', async (t) => {
  install(t, { podman: 'exec sleep 60', nerdctl: 'exec sleep 60' })
  t.match(await askRuntimes([A, `k8s.io-${B}`, `default-${C}`]), {
    containers: new Map(),
    silent: [
      { runtime: 'podman', reason: /^"podman ps .* took longer than 5000 ms$/ },
      { runtime: 'nerdctl', reason: /^"nerdctl --namespace=k8s\.io ps .* took longer than 5000 ms$/ },
    ],
  })
})

t.test("a hanging runtime does not hold up the other's names", async (t) => {
  // The hanging one waits until the other was asked, so both must be asked at the same time.
  const asked = join(t.testdir(), 'asked')
  install(t, {
    podman: `until [ -e ${asked} ]; do sleep 0.05; done; echo '[{"Id":"${A}","Names":["web"]}]'`,
    nerdctl: `touch ${asked}; echo '{"ID":"${B}","Names":"db"}'`,
  })
  const { containers, silent } = await askRuntimes([A, `k8s.io-${B}`])
  t.same([containers.get(A)?.names, containers.get(`k8s.io-${B}`)?.names, silent], [['web'], ['db'], []])
})

t.test('no runtime is asked if there is nothing to ask', async (t) => {
  install(t, { podman: `echo '[{"Id":"${A}","Names":["web"]}]'` })
  t.same(await askRuntimes([]), { containers: new Map(), silent: [] })
})
