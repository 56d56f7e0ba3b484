// Names of containers, from runtimes that are played by scripts.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { containerNames } from '../../../src/exec/container-names.ts'

const [A, B, C] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const

/** Puts these programs, and no others, where programs are looked for first. */
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

t.test('podman and nerdctl tell the names of their containers', async (t) => {
  install(t, {
    podman: `echo '[{"Id":"${A}","Names":["web","web-1"]},{"Id":3},null]'`,
    nerdctl: `[ "$1" = --namespace=k8s.io ] || exit 1
echo '{"ID":"${B}","Names":"db"}'; echo 'no JSON'; echo '{"ID":"${C}","Names":""}'`,
  })
  const names = await containerNames([A, `k8s.io-${B}`, `k8s.io-${C}`, 'plain'])
  t.same(names.get(A), ['web', 'web-1'])
  t.same(names.get(`k8s.io-${B}`), ['db'])
  t.same(names.get(`k8s.io-${C}`), [])
  t.equal(names.get('plain'), undefined)
})

t.test('one that fails, talks nonsense or hangs tells none', async (t) => {
  for (const podman of ['exit 1', 'echo nonsense', 'echo 3', 'exec sleep 60']) {
    install(t, { podman })
    t.same([...(await containerNames([A]))], [], podman)
  }
})

t.test('nobody is asked about nothing', async (t) => {
  install(t, { podman: `echo '[{"Id":"${A}","Names":["web"]}]'` })
  t.same([...(await containerNames([]))], [])
})
