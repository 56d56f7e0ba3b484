import t from 'tap'
import { CniCode, CniError } from '../../../../src/cni/error.ts'
import { gatherParts } from '../../../../src/cli/bundle/parts.ts'

const fails = (): never => {
  throw new CniError(CniCode.IoFailure, 'folder not readable', '/x: no')
}

t.test('what cannot be had is told, and the rest is had', async (t) => {
  const text = (path: string) => ({ path, read: () => ({ text: path }) })
  const { contents, failures } = await gatherParts(
    [
      { path: 'cni/', list: fails },
      { path: 'peers/', list: () => [text('peers/a'), { path: 'peers/b', read: fails }, text('peers/c')] },
      { path: 'nothing', read: () => undefined },
      text('last'),
    ],
    () => undefined,
  )
  t.same([...contents.keys()], ['peers/a', 'peers/c', 'last'])
  t.same(
    failures.map(({ part, reason }) => [part, reason]),
    [
      ['cni/', 'folder not readable: /x: no'],
      ['peers/b', 'folder not readable: /x: no'],
    ],
  )
})
