import t from 'tap'
import { fromDeb822, fromOneLine } from '../../../../../scripts/lab/apt/source.ts'

t.test("the machine's own source of Debian packages is found", (t) => {
  const uri = 'http://debian.example/debian'
  const cases: [string, string | undefined, string | undefined][] = [
    [`Types: deb\nURIs: ${uri}\nSuites: bookworm bookworm-updates\nSigned-By: /k.gpg\n`, uri, '/k.gpg'],
    [`Types: deb\n# a comment\nURIs: ${uri}\nSuites: bookworm\n\n`, uri, undefined],
    [
      `Types: deb\nURIs: ${uri}-security\nSuites: bookworm-security\n\nURIs: ${uri}\nSuites: stable`,
      uri,
      undefined,
    ],
    [`Enabled: no\nURIs: ${uri}\nSuites: bookworm\n`, undefined, undefined],
  ]
  for (const [text, expected, key] of cases) {
    t.equal(fromDeb822(text)?.uri, expected)
    t.equal(fromDeb822(text)?.signedBy, key)
  }
  t.equal(fromOneLine(`deb ${uri} bookworm main\n`)?.uri, uri)
  t.equal(fromOneLine(`deb [arch=amd64 signed-by=/k.gpg] ${uri} bookworm main`)?.signedBy, '/k.gpg')
  t.equal(fromOneLine(`deb-src ${uri} bookworm main\n# deb ${uri} bookworm main`), undefined)
  t.equal(fromOneLine(`deb https://other.example/x nodistro main\ndeb ${uri} bookworm main`)?.uri, uri)
  t.end()
})
