// CERT-003: CA and host certificates are in the right files.

import { quoted } from '../../../nebula/certificate/refusal.ts'
import { checkItem, type Finding } from '../../item.ts'

export const kindItem = checkItem({
  id: 'CERT-003',
  title: 'CA and host certificates are in the right files',
  fault: 'certificate is in the wrong file',
  why:
    'A CA certificate names no host and no subnet; a host certificate signs nothing. ' +
    'Swapped, neither works.',
  causes: ['ca.crt and host.crt were swapped, or the same file was copied twice.'],
  steps: ['nebula-cert print -path FILE   # "isCa": true belongs to ca.crt only'],
  needs: ['certificates'],
  after: ['CERT-001', 'CERT-002'],
  judge: ({ certificates: { ca, host } }): readonly Finding[] => [
    ...host.certificates.slice(0, 1).map((certificate): Finding => {
      const seen = `${host.path}: ${quoted(certificate.name)}`
      return certificate.isCa
        ? { verdict: 'fail', subject: 'host certificate', seen: `${seen} is a CA certificate` }
        : { verdict: 'ok', subject: 'host certificate', seen }
    }),
    ...ca.certificates.map((certificate): Finding => {
      const seen = `${ca.path}: ${quoted(certificate.name)}`
      return certificate.isCa
        ? { verdict: 'ok', subject: 'CA certificate', seen }
        : { verdict: 'fail', subject: 'CA certificate', seen: `${seen} is a host's certificate` }
    }),
  ],
})
