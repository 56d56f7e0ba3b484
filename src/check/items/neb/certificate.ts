// NEB-007: Nebula and flatnet use the same certificate.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

// Nebula updates the figure at every stats.interval, usually 10 s.
const TTL_TOLERANCE_SECONDS = 300

export const certificate = checkItem({
  id: 'NEB-007',
  title: 'Nebula and flatnet use the same certificate',
  fault: 'Nebula and flatnet use different certificates',
  why:
    'Containers get addresses from one certificate, and Nebula lets traffic through by the other: ' +
    'where they differ, packets are silently dropped.',
  causes: [
    'A new certificate was put in one place only.',
    'The certificate was replaced, but Nebula was not told (SIGHUP) and still uses the old one.',
  ],
  steps: [
    'set "nebula": {"cert": "/etc/nebula/NAME.crt"} in /etc/flatnet/flatnet.json to the file ' +
      'that Nebula uses',
    NEBULA.reload,
  ],
  needs: ['nebulaCertificate', 'nebulaStats', 'now'],
  after: ['NEB-006'],
  judge: ({ nebulaCertificate: { nebula, flatnet }, nebulaStats: { certificateTtlSeconds: ttl }, now }) => {
    if (nebula.problem !== undefined)
      return {
        verdict: 'fail',
        fault: "Nebula's certificate cannot be read",
        seen: `pki.cert: ${nebula.problem}`,
      }
    if (!nebula.fingerprints.includes(flatnet.fingerprint)) {
      const seen =
        `Nebula uses ${nebula.source} (${nebula.fingerprints.map(short).join(', ')}), ` +
        `flatnet uses ${flatnet.source} (${short(flatnet.fingerprint)})`
      return { verdict: 'fail', seen }
    }
    if (ttl !== undefined && Math.abs(now + ttl - flatnet.notAfter) > TTL_TOLERANCE_SECONDS) {
      const end = new Date((now + ttl) * 1000).toISOString()
      const seen = `${flatnet.source} was replaced, but Nebula still uses the one that expires at ${end}`
      const next = [NEBULA.reload]
      return { verdict: 'fail', fault: 'Nebula still uses the old certificate', seen, next }
    }
    return { verdict: 'ok', seen: `both ${short(flatnet.fingerprint)}` }
  },
})

function short(fingerprint: string): string {
  return fingerprint.slice(0, 12)
}
