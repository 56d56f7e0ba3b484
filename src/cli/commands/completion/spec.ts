import type { CommandSpec } from '../../command.ts'

export const COMPLETION: CommandSpec = {
  name: 'completion',
  summary: 'print a script that completes commands, options, peers and addresses',
  operands: [
    {
      name: 'SHELL',
      summary: 'bash, zsh, fish or powershell',
      isOptional: true,
      takes: ['bash', 'zsh', 'fish', 'powershell'],
    },
  ],
  options: [
    {
      name: 'list',
      value: 'KIND',
      takes: ['peer', 'address'],
      summary: 'print the words of this kind, one per line (for the scripts)',
    },
  ],
  examples: [
    {
      line: 'flatnet-cni completion bash >/etc/bash_completion.d/flatnet-cni',
      says: 'for every user, from the next shell on',
    },
    { line: 'flatnet-cni completion zsh >/usr/local/share/zsh/site-functions/_flatnet-cni', says: 'zsh' },
    { line: 'flatnet-cni completion fish >/etc/fish/completions/flatnet-cni.fish', says: 'fish' },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).completion,
}
