// CERT-002: the files are what they should be.

import { checkItem, type Finding } from '../../item.ts'

export const readableItem = checkItem({
  id: 'CERT-002',
  title: 'CA and host certificate can be read',
  why: 'A file that is cut off, in another encoding or of another kind cannot be verified; Nebula refuses it as well.',
  causes: [
    'An editor or PowerShell saved it with a byte order mark or as UTF-16.',
    'It was copied through a chat or a mail that broke its lines.',
    'Certificate and key files were mixed up.',
  ],
  steps: ['copy the file again, as bytes (scp)', 'nebula-cert print -path FILE   # has to show it'],
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
