// CNI-006: the plugin that runtimes call is the same build as this check.

import { checkItem } from '../../item.ts'

export const pluginVersion = checkItem({
  id: 'CNI-006',
  title: 'installed plugin is the same build as this command',
  fault: 'installed plugin is another build',
  why: 'Containers are set up by the file that the runtime finds, whichever version the command line has.',
  causes: ['Only one of several copies was updated.'],
  steps: ['install -m 755 "$(command -v flatnet-cni)" /opt/cni/bin/flatnet-cni'],
  needs: ['conflists'],
  after: ['CNI-005'],
  judge: ({ conflists: { plugins } }) =>
    plugins
      .filter(({ isThisOne, isExecutable }) => isThisOne !== undefined && isExecutable)
      .map(({ path, isThisOne }) =>
        isThisOne === true
          ? { verdict: 'ok', subject: path, seen: 'same build as this command' }
          : {
              verdict: 'warn',
              subject: path,
              seen: 'differs from the flatnet-cni that runs this check',
              next: [`${path} version`, `install -m 755 "$(command -v flatnet-cni)" ${path}`],
            },
      ),
})
