// NEB-022: Nebula refuses what the office has revoked.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

export const revoked = checkItem({
  id: 'NEB-022',
  title: 'revoked certificates are blocked',
  fault: 'Nebula accepts a revoked certificate',
  why: 'The office has revoked it, and this host still lets it into the overlay.',
  causes: [
    'The agent does not run, so that it could not extend pki.blocklist.',
    "pki of Nebula's configuration is written in a way that the agent cannot extend.",
  ],
  steps: [
    'flatnet-cni statement list',
    'add these fingerprints to pki.blocklist in the configuration of Nebula',
    NEBULA.reload,
  ],
  needs: ['revocations', 'nebulaConfig'],
  after: ['NEB-006'],
  judge: ({ revocations: { revoked: all, problems }, nebulaConfig: { pki } }) => {
    const blocked = new Set(pki.blocklist)
    const missing = all.filter(({ fingerprint }) => !blocked.has(fingerprint))
    if (missing.length > 0) {
      const named = missing.map(({ name, fingerprint }) => `${name} (${fingerprint.slice(0, 16)}…)`)
      return { verdict: 'fail', seen: `not in pki.blocklist: ${named.join(', ')}` }
    }
    if (problems.length > 0)
      return { verdict: 'warn', fault: 'a statement of the office cannot be used', seen: problems.join('; ') }
    return { verdict: 'ok', seen: all.length === 0 ? 'none was revoked' : `${String(all.length)} blocked` }
  },
})
