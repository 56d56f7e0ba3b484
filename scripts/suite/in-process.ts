// Runs test files one after another in this process, each as a separate subtest: a small file spends most
// of its time starting Node and loading tap. `import t from 'tap'` in a file is that file's subtest. Usage:
// in-process.ts FILE…
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Test } from 'tap'
import { costComment } from './costs.ts'

// Removed from argv before tap sees them: it derives folder names from its arguments.
const files = process.argv.splice(2)
const { default: tap } = await import('tap')

const SCHEME = 'flatnet-test:'
const subtests = new Map<string, Test>()
Object.assign(globalThis, { flatnetSubtests: subtests })

registerHooks({
  resolve: (specifier, context, next) => {
    const isTap = specifier === 'tap' && subtests.has(context.parentURL ?? '')
    if (!isTap) return next(specifier, context)
    return { url: `${SCHEME}${context.parentURL ?? ''}`, format: 'module', shortCircuit: true }
  },
  load: (url, context, next) => {
    if (!url.startsWith(SCHEME)) return next(url, context)
    const key = JSON.stringify(url.slice(SCHEME.length))
    return {
      format: 'module',
      shortCircuit: true,
      source: `export default globalThis.flatnetSubtests.get(${key})`,
    }
  },
})

for (const file of files) {
  const url = pathToFileURL(resolve(file)).href
  const began = { at: performance.now(), cpu: process.cpuUsage() }
  await tap.test(file, async (t) => {
    subtests.set(url, t)
    await import(url)
  })
  const cpu = process.cpuUsage(began.cpu)
  const wallS = (performance.now() - began.at) / 1000
  tap.comment(costComment({ name: file, wallS, cpuS: (cpu.user + cpu.system) / 1e6 }))
}
