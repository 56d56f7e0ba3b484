import { holdsForAll } from '../fixtures/property.ts'
import fc from 'fast-check'
import t from 'tap'

import { CniError } from '../../../../src/cni/error.ts'
import { parseCertificates } from '../../../../src/nebula/certificate/parse.ts'
import { formatPem, readPem } from '../../../../src/nebula/certificate/pem.ts'
import { file, refuses } from '../fixtures/files.ts'
import { pemOf } from '../fixtures/issue.ts'

const block = '-----BEGIN X-----\nAAEC\n-----END X-----\n'

t.test('blocks are found wherever Nebula 1.11 finds them', (t) => {
  const cases: readonly (readonly [says: string, pem: string, blocks: number])[] = [
    ['one block', block, 1],
    ['no newline at the end', block.trimEnd(), 1],
    ['CRLF line ends', block.replaceAll('\n', '\r\n'), 1],
    ['text before the first block', `a comment\n\n${block}`, 1],
    ['text between blocks', `${block}# a comment\n${block}`, 2],
    ['blank lines around blocks', `\n${block}\n\n${block}\n \n`, 2],
    ['blanks at line ends', block.replaceAll('\n', ' \t\n'), 1],
    ['an empty body', '-----BEGIN X-----\n-----END X-----\n', 1],
    ['a body on several lines', '-----BEGIN X-----\nAA\nEC\n-----END X-----', 1],
  ]
  for (const [says, pem, blocks] of cases) t.equal(readPem(pem, 'f').length, blocks, says)
  t.end()
})

t.test('bytes, banner and position are returned', (t) => {
  t.same(readPem(block, 'f'), [{ banner: 'X', bytes: Buffer.of(0, 1, 2), where: 'f' }])
  t.same(
    readPem(block + block, 'f').map(({ where }) => where),
    ['f, block 1', 'f, block 2'],
  )
  t.end()
})

t.test('text that Nebula or a reader would misread is refused with a remedy', (t) => {
  const cases: readonly (readonly [says: string, pem: string, why: string, remedy: string])[] = [
    ['empty', '', 'no PEM block', 'file that nebula-cert wrote'],
    ['no block', 'hello\n', 'no PEM block', 'file that nebula-cert wrote'],
    ['byte order mark', `\uFEFF${block}`, 'byte order mark', 'save the file without one'],
    ['byte order mark of a joined file', `${block}\uFEFF${block}`, 'byte order mark', 'save the file'],
    ['UTF-16 read as UTF-8', block.replaceAll(/(.)/gs, '$1\0'), 'UTF-16', 'UTF-8'],
    ['no END line', block.slice(0, 20), 'no END line', 'copy the whole file'],
    ['half an END line', file('negative/pem-truncated.crt'), 'no END line', 'copy the whole file'],
    ['another END line', '-----BEGIN X-----\nAA==\n-----END Y-----\n', 'no END line', 'copy'],
    ['a block inside a block', `-----BEGIN X-----\n${block}`, 'no END line', 'copy'],
    ['an END line alone', `${block}-----END X-----\n`, 'is a damaged PEM line', 'copy'],
    ['a BEGIN line that is not one', `${block}x-----BEGIN X-----\n`, 'is a damaged PEM line', 'copy'],
    ['an indented BEGIN line', ` ${block}`, 'is a damaged PEM line', 'copy'],
    ['an END line with text after it', block.trimEnd() + 'x\n', 'no END line', 'copy'],
    ['not base64', block.replace('AAEC', 'AA%EC'), 'not base64', 'copy'],
    ['base64 for URLs', block.replace('AAEC', 'A_-C'), 'not base64', 'copy'],
    ['base64 without padding', block.replace('AAEC', 'AAE'), 'not base64', 'copy'],
    ['base64 with other spare bits', block.replace('AAEC', 'AAF='), 'not base64', 'copy'],
    ['PEM headers', block.replace('AAEC', 'Proc-Type: 4\n\nAAEC'), 'not base64', 'copy'],
    [
      'text after the last block',
      file('bundle/ca-bundle-comments.crt'),
      'line 14 is text after the last block',
      'remove it',
    ],
  ]
  for (const [says, pem, why, remedy] of cases) {
    t.comment(says)
    refuses(t, () => readPem(pem, '/etc/nebula/ca.crt'), 'DecodeFailure', '/etc/nebula/ca.crt: ', why, remedy)
  }
  t.end()
})

t.test('a block may have 65,536 bytes and not one more', (t) => {
  t.equal(readPem(pemOf(1, Buffer.alloc(65536)), 'f')[0]?.bytes.length, 65536)
  refuses(t, () => readPem(pemOf(1, Buffer.alloc(65537)), 'f'), 'DecodeFailure', 'larger than 65536 bytes')
  refuses(t, () => readPem(pemOf(1, Buffer.alloc(200_000)), 'f'), 'DecodeFailure', 'larger than 65536 bytes')
  t.end()
})

t.test('every text gives certificates or a CniError', (t) => {
  const whole = file('bundle/host-a.crt')
  const mutated = fc
    .tuple(fc.nat(whole.length), fc.nat(20), fc.oneof(fc.string({ maxLength: 20 }), fc.constant('-----')))
    .map(([at, drop, insert]) => whole.slice(0, at) + insert + whole.slice(at + drop))
  holdsForAll(t, fc.oneof(fc.string({ maxLength: 300 }), mutated), (pem) => {
    try {
      parseCertificates(pem, 'fuzz')
    } catch (error) {
      if (!(error instanceof CniError)) throw error
    }
  })
  t.end()
})

t.test('blocks are written without surrounding text, as nebula-cert writes them', (t) => {
  const pem = file('v1-161/host-a.crt')
  t.equal(formatPem(pem, 'x'), pem)
  t.equal(formatPem(`a comment\r\n${pem.replaceAll('\n', '\r\n')}`, 'x'), pem)
  t.equal(formatPem(file('bundle/host-a.crt'), 'x'), file('bundle/host-a.crt'))
  refuses(t, () => formatPem('nothing', 'x'), 'DecodeFailure', 'x: has no PEM block')
  t.end()
})
