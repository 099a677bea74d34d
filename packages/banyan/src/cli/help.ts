import type { Command, Entry, Example } from './command.ts'
import type { Option, Options } from './options.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

/** Options that every command takes. */
export const commonOptions: Options = {
  config: { type: 'text', value: 'FILE', help: 'the app; banyan.config.ts (.js, .mjs) here or in a folder above, unless said' },
  verbose: { type: 'flag', help: 'errors with their stacks, logs with details' },
  help: { type: 'flag', short: 'h', help: 'what this is and how to use it' },
}

/** The page that teaches the whole. */
export function overview(commands: readonly Entry[], { bold, dim }: Style): string {
  return [
    'Banyan runs an app of services as one process or as many, as its topology says.\n\n',
    `${bold('usage')}  banyan <command> [options]\n\n`,
    `${bold('commands')}\n`,
    table(
      commands.map(({ name, summary }) => [name, summary]),
      { indent: '  ' },
    ),
    `\n${bold('options')}\n`,
    optionTable({ ...commonOptions, version: { type: 'flag', short: 'v', help: 'the version of Banyan' } }),
    `\n${bold('first steps')}\n`,
    exampleLines(
      [
        { line: 'banyan init my-shop', does: 'make a project, to begin with' },
        { line: 'banyan dev', does: 'run the app here, with a database of its own; reload on change' },
        { line: 'banyan routes', does: 'see what it answers, and to whom' },
        { line: 'banyan events --follow --tree', does: 'watch what happens, and why' },
      ],
      dim,
    ),
    `\n${dim('banyan <command> --help says more about each.')}\n`,
  ].join('')
}

/** The page of one command. */
export function manual(name: string, command: Command, { bold, dim }: Style): string {
  const own = Object.keys(command.options).length > 0 ? `${bold('options')}\n${optionTable(command.options)}\n` : ''
  return [
    `${command.purpose}\n\n`,
    `${bold('usage')}  ${usageLine(name, command)}\n\n`,
    own,
    `${bold('common options')}\n${optionTable(commonOptions)}\n`,
    `${bold('examples')}\n${exampleLines(command.examples, dim)}`,
  ].join('')
}

export function usageLine(name: string, { usage }: Command): string {
  return ['banyan', name, usage, '[options]'].filter((part) => part !== '').join(' ')
}

function optionTable(options: Options): string {
  return table(
    Object.entries(options).map(([name, option]) => [optionText(name, option), option.help]),
    { indent: '  ' },
  )
}

function optionText(name: string, { short, value }: Option): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}

function exampleLines(examples: readonly Example[], dim: Style['dim']): string {
  return table(
    examples.map(({ line, does }) => [line, dim(does)]),
    { indent: '  ' },
  )
}
