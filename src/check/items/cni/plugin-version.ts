// CNI-006: what the runtimes call is what this check is part of.

import { checkItem } from '../../item.ts'

export const pluginVersion = checkItem({
  id: 'CNI-006',
  title: 'installed plugin is this version',
  why: 'Containers are set up by the file that the runtime finds, whatever version the command line is.',
  causes: ['Only one of several copies was updated.'],
  steps: ['install -m 755 "$(command -v flatnet-cni)" /opt/cni/bin/flatnet-cni'],
  needs: ['conflists'],
  after: ['CNI-005'],
  judge: ({ conflists: { plugins } }) =>
    plugins
      .filter(({ isThisOne, isExecutable }) => isThisOne !== undefined && isExecutable)
      .map(({ path, isThisOne }) =>
        isThisOne === true
          ? { verdict: 'ok', subject: path, seen: 'the same file as this one' }
          : {
              verdict: 'warn',
              subject: path,
              seen: 'another version than the flatnet-cni that runs this check',
              next: [`${path} version`, `install -m 755 "$(command -v flatnet-cni)" ${path}`],
            },
      ),
})
