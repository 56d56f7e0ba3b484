import t from 'tap'
import { fnv1a64, hexHash } from '../../../src/net/name-hash.ts'

// Test vectors published by the authors of FNV.
const vectors: [string, string][] = [
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
]
for (const [text, hash] of vectors) {
  t.test(`the hash of ${JSON.stringify(text)} is that of FNV-1a`, async (t) => {
    t.equal(fnv1a64(text).toString(16), hash)
    t.equal(hexHash(text, 16), hash)
  })
}

t.test('a shorter hash is folded from the full one and keeps its leading zeros', async (t) => {
  t.equal(hexHash('foobar', 8), (0x85944171 ^ 0xf73967e8).toString(16))
  for (let i = 0; i < 2_000; i++) t.match(hexHash(String(i), 11), /^[0-9a-f]{11}$/)
})

t.test('20,000 similar names have 20,000 short hashes', async (t) => {
  const hashes = new Set(
    Array.from({ length: 20_000 }, (_, i) => hexHash(`flatnet\0c${String(i)}\0eth0`, 11)),
  )
  t.equal(hashes.size, 20_000)
})
