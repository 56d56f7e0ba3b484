// Asks, through the agent of this host, which CAs each host trusts and which certificate it uses.

import { askAgent } from '../api/client.ts'
import { CniError } from '../cni/error.ts'
import { loadSettings } from '../host/identity/settings.ts'
import { type HostAuthorities, readAuthorities } from '../views/authorities.ts'

/** What the hosts say, or why none can be asked. */
export type Asked = { readonly hosts: readonly HostAuthorities[] } | { readonly why: string }

// Hosts that are off keep it waiting, eight at a time.
const AGENT_MS = 120_000

/** Asks them. Never throws for an agent that does not answer. @throws CniError for damaged settings */
export async function askAuthorities(): Promise<Asked> {
  if (process.geteuid?.() !== 0) return { why: 'only root can ask the agent' }
  try {
    const { runDir } = loadSettings({})
    const hosts = readAuthorities(await askAgent(runDir, 'GET', '/v1/authorities', { timeoutMs: AGENT_MS }))
    return hosts === undefined ? { why: 'the agent is of another version' } : { hosts }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { why: `${error.message}: ${error.details}` }
  }
}
