import type { CommandSpec } from '../command.ts'

export const COMPLETION: CommandSpec = {
  name: 'completion',
  summary: 'a script by which a shell completes commands, options, peers and addresses',
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
      summary: 'the words of a kind, one a line: what the scripts ask',
    },
  ],
  examples: [
    {
      line: 'flatnet-cni completion bash >/etc/bash_completion.d/flatnet-cni',
      says: 'for everybody, from the next shell on',
    },
    { line: 'flatnet-cni completion zsh >/usr/local/share/zsh/site-functions/_flatnet-cni', says: 'zsh' },
    { line: 'flatnet-cni completion fish >/etc/fish/completions/flatnet-cni.fish', says: 'fish' },
  ],
  exits: 'done',
  load: async () => (await import('../completion.ts')).completion,
}
