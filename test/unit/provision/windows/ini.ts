import t from 'tap'
import { parseIni } from '../../../../src/provision/windows/ini.ts'

t.test('sections and keys in any case, comments, quotes, Windows line ends, a byte order mark', async (t) => {
  const text =
    '\uFEFF[Boot]\r\nsystemd = TRUE # yes\r\n\r\n[wsl2]\r\nkernel="C:\\\\k"\r\nnonsense\r\n;memory=1\r\n'
  t.same(
    [...parseIni(text)],
    [
      ['boot.systemd', 'TRUE'],
      ['wsl2.kernel', 'C:\\\\k'],
    ],
  )
  t.same([...parseIni('')], [])
})
