// Files of this repository that the executable carries, to put them on hosts.

// Put in by scripts/build/bundle.ts; absent when the sources run unbundled.
declare const FLATNET_FILES: ShippedFiles | undefined

declare const FLATNET_PAGE: PageFiles | undefined

/** The page of the HTTP Gateway, by file name. */
export type PageFiles = Readonly<Record<'page.html' | 'page.css' | 'page.js', string>>

/** The texts of these files. */
export interface ShippedFiles {
  /** scripts/flatnet-agent.service */
  readonly agentUnit: string
  /** scripts/flatnet-nebula.service */
  readonly nebulaUnit: string
  /** scripts/agent-wsl.sh */
  readonly agentScript: string
  /** scripts/flatnet-start.sh */
  readonly startScript: string
  /** conflist/10-flatnet.conflist */
  readonly conflist: string
  /** scripts/windows/flatnet-facts.ps1, and so on */
  readonly windowsFacts: string
  readonly windowsRecord: string
  readonly windowsNetwork: string
  readonly windowsSystem: string
  readonly windowsSync: string
  readonly windowsUndo: string
}

/** Returns the files; throws in sources that were not bundled. */
export function shippedFiles(): ShippedFiles {
  if (typeof FLATNET_FILES === 'undefined') throw new Error('only the built executable carries files')
  return FLATNET_FILES
}

/** Returns the files of the page; throws in sources that were not bundled. */
export function pageFiles(): PageFiles {
  if (typeof FLATNET_PAGE === 'undefined') throw new Error('only the built executable carries files')
  return FLATNET_PAGE
}
