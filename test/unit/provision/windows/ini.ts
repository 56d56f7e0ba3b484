import t from 'tap'
import { parseIni, setIni } from '../../../../src/provision/windows/ini.ts'

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

// As the images of Ubuntu 22.04 and 24.04 and of Debian 12 and 13 have it, and as people extend it.
const LAYOUTS = {
  'nothing (Debian 12)': '',
  'a user (Ubuntu 22.04)': '[user]\ndefault=me\n',
  'systemd (Ubuntu 24.04, Debian 13)': '[boot]\nsystemd=true\n\n[user]\ndefault=me\n',
  'systemd off': '[boot]\nsystemd=false\n',
  'no resolv.conf, without a last line end': '[network]\r\ngenerateResolvConf = false\r\nhostname = host-a',
  'the drive elsewhere': '[automount]\nroot = /windows/\n[interop]\nappendWindowsPath=false\n',
}

t.test('the boot command goes into each layout of /etc/wsl.conf, and nothing else changes', async (t) => {
  for (const [name, text] of Object.entries(LAYOUTS)) {
    const set = setIni(text, 'boot.command', '/opt/cni/bin/flatnet-start.sh start')
    const [before, after] = [parseIni(text), parseIni(set)]
    t.same(
      new Map(after),
      new Map([...before, ['boot.command', '/opt/cni/bin/flatnet-start.sh start']]),
      name,
    )
    t.equal((set.match(/^\[boot\]/gm) ?? []).length, 1, name)
  }
})
