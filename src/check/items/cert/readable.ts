// CERT-002: the certificate files parse as certificates.

import { checkItem, type Finding } from '../../item.ts'

export const readableItem = checkItem({
  id: 'CERT-002',
  title: 'CA and host certificates can be read',
  fault: 'certificate cannot be read',
  why:
    'A file that is truncated, in another encoding or of another kind cannot be verified; ' +
    'Nebula refuses it too.',
  causes: [
    'An editor or PowerShell saved it with a byte order mark or as UTF-16.',
    'A chat or mail program broke its lines.',
    'Certificate and key files were mixed up.',
  ],
  steps: [
    'copy the file again, as bytes (scp)',
    'nebula-cert print -path FILE   # must show the certificate',
  ],
  needs: ['certificates'],
  after: ['SYS-002', 'CERT-001'],
  judge: ({ certificates: { ca, host } }) =>
    [['CA certificate', ca] as const, ['host certificate', host] as const].flatMap(
      ([subject, { path, isThere, problem, certificates }]): Finding[] => {
        if (!isThere) return []
        if (problem !== undefined) return [{ verdict: 'fail', subject, seen: problem }]
        const versions = [...new Set(certificates.map(({ version }) => `version ${String(version)}`))].join(
          ', ',
        )
        return [{ verdict: 'ok', subject, seen: `${path}: ${String(certificates.length)} of ${versions}` }]
      },
    ),
})
