// Completion for PowerShell, as text for the profile: users often type `wsl flatnet-cni …` there.

import type { CommandSpec, Values } from '../../command.ts'
import { commandNames, listCommand, optionWords, pathText, type Place, placesOf } from './places.ts'

/** Returns the script, which asks flatnet-cni itself for peers and addresses. */
export function powershellCompletion(root: CommandSpec): string {
  const places = placesOf(root)
  const names = commandNames(root)
  return `# PowerShell completion for flatnet-cni; made by: flatnet-cni completion powershell
Register-ArgumentCompleter -Native -CommandName flatnet-cni -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $before = @($commandAst.CommandElements |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object { $_.ToString() })
  $paths = @(${places
    .slice(1)
    .map((place) => quoted(pathText(place)))
    .join(', ')})
  $at = ''
  foreach ($word in $before | Select-Object -Skip 1) {
    if ($paths -ccontains "$at/$word") { $at = "$at/$word" }
  }
  $words = switch -CaseSensitive ("$at $($before[-1])") {
${places.flatMap((place) => valueCases(place, names)).join('\n')}
    default {
      switch -CaseSensitive ($at) {
${places.map((place) => placeCase(place, names)).join('\n')}
      }
    }
  }
  $words | Where-Object { $_ -and $_.StartsWith($wordToComplete) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`
}

function valueCases(place: Place, names: readonly string[]): string[] {
  return place.options
    .filter(({ value }) => value !== undefined)
    .flatMap((option) =>
      optionWords(option).map(
        (word) => `    ${quoted(`${pathText(place)} ${word}`)} { ${offer(option.takes, names)}; break }`,
      ),
    )
}

function placeCase(place: Place, names: readonly string[]): string {
  const options = place.options.flatMap(optionWords).filter((word) => word.startsWith('--'))
  const commands = place.commands.map(({ name }) => name)
  const words = commands.length > 0 ? list(commands) : offer(place.operand, names)
  const offered = `if ($wordToComplete.StartsWith('-')) { ${list(options)} } else { ${words} }`
  return `        ${quoted(pathText(place))} { ${offered} }`
}

function offer(takes: Values | undefined, names: readonly string[]): string {
  if (takes === 'peer' || takes === 'address') return listCommand(takes)
  const words = takes === 'command' ? names : takes === 'file' ? [] : (takes ?? [])
  return words.length === 0 ? '@()' : list(words)
}

function list(words: readonly string[]): string {
  return words.map(quoted).join(', ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
