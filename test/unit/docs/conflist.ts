// conflist/README.md has every key of the settings.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SETTINGS_KEYS } from '../../../src/config/settings.ts'

t.test('every key of the settings, and no other, is in the table', (t) => {
  const text = readFileSync(join(import.meta.dirname, '../../../conflist/README.md'), 'utf8')
  const section = text.split('## Keys of the entry `flatnet-cni`')[1]?.split('Keys of the protocol')[0] ?? ''
  const keys = [...section.matchAll(/^\| `(\w+)[.\w]*`/gm)].map(([, key = '']) => key)
  t.same([...new Set(keys)].toSorted(), SETTINGS_KEYS.toSorted())
  t.end()
})
