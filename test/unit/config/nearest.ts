import t from 'tap'
import { nearest } from '../../../src/config/nearest.ts'

t.test('the word that differs least, or none if all differ too much', async (t) => {
  t.equal(nearest('CERT-03', ['CERT-003', 'SYS-003']), 'CERT-003')
  t.equal(nearest('SYS', ['SYS', 'WSL']), 'SYS')
  t.equal(nearest('banana', ['SYS', 'WSL']), undefined)
})
