// NEB-007: Nebula and flatnet use one certificate.

import { checkItem } from '../../item.ts'

// Nebula renews the figure at every stats.interval, mostly 10 s.
const TTL_TOLERANCE_SECONDS = 300

export const certificate = checkItem({
  id: 'NEB-007',
  title: "nebula's certificate is the one that flatnet reads",
  why: 'Addresses are given out from the one and let through by the other: where they differ, packets are dropped without a word.',
  causes: [
    'A new certificate was put in one place only.',
    'It was replaced and Nebula was not told (SIGHUP), so it goes on with the old one.',
  ],
  steps: [
    'set "nebula": {"cert": "/etc/nebula/NAME.crt"} in /etc/flatnet/flatnet.json to the file that Nebula has',
    'systemctl reload nebula@config',
  ],
  needs: ['nebulaCertificate', 'nebulaStats', 'now'],
  after: ['NEB-006'],
  judge: ({ nebulaCertificate: { nebula, flatnet }, nebulaStats: { certificateTtlSeconds: ttl }, now }) => {
    if (nebula.problem !== undefined) return { verdict: 'fail', seen: `pki.cert: ${nebula.problem}` }
    if (!nebula.fingerprints.includes(flatnet.fingerprint)) {
      const seen = `Nebula has ${nebula.source} (${nebula.fingerprints.map(short).join(', ')}), flatnet ${flatnet.source} (${short(flatnet.fingerprint)})`
      return { verdict: 'fail', seen }
    }
    if (ttl !== undefined && Math.abs(now + ttl - flatnet.notAfter) > TTL_TOLERANCE_SECONDS) {
      const end = new Date((now + ttl) * 1000).toISOString()
      const seen = `${flatnet.source} was replaced, and Nebula still uses the one that ends at ${end}`
      return { verdict: 'fail', seen, next: ['systemctl reload nebula@config', 'pkill -HUP -x nebula'] }
    }
    return { verdict: 'ok', seen: `both ${short(flatnet.fingerprint)}` }
  },
})

function short(fingerprint: string): string {
  return fingerprint.slice(0, 12)
}
