// Bundles the page of the HTTP Gateway: three files as nginx serves them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build as runEsbuild } from 'esbuild'
import type { PageFiles } from '../../src/shipped-files.ts'

/** @param root the repository */
export async function bundlePage(root: string): Promise<PageFiles> {
  const folder = join(root, 'src/http-gateway/page')
  const compile = async (file: string): Promise<string> => {
    const { outputFiles } = await runEsbuild({
      absWorkingDir: root,
      entryPoints: [join(folder, file)],
      bundle: true,
      write: false,
      minify: true,
      format: 'iife',
      // What Chromium, Firefox and Safari have had since 2024, light-dark() included.
      target: file.endsWith('.css') ? [] : 'es2023',
      legalComments: 'none',
      logLevel: 'silent',
    })
    return outputFiles[0]?.text ?? ''
  }
  return {
    'page.html': readFileSync(join(folder, 'page.html'), 'utf8'),
    'page.css': await compile('page.css'),
    'page.js': await compile('main.ts'),
  }
}
