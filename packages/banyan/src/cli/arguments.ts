import { parseArgs } from 'node:util'
import { BanyanError } from '../kernel/errors.ts'
import type { Options } from './options.ts'
import { nearest } from '../kernel/nearest.ts'

/** What was given on the command line, checked against the options of a command. */
export interface Arguments {
  readonly positionals: readonly string[]
  text(option: string): string | undefined
  /** What a text has between commas, at least one. Throws `usage` where there is nothing. */
  words(option: string): readonly string[] | undefined
  flag(option: string): boolean
  /** A whole number from 0 to `max`. Throws `usage` for anything else. */
  number(option: string, max: number): number | undefined
}

export interface Allowed {
  readonly options: Options
  readonly positionals: readonly [number, number]
}

/** Reads arguments. Throws `usage` that names what is wrong, and what was probably meant. */
export function readArguments(args: readonly string[], { options, positionals: [least, most] }: Allowed): Arguments {
  const { values, positionals, tokens } = parseArgs({ args: [...args], options: parserOptions(options), allowPositionals: true, strict: false, tokens: true })
  const given = tokens.filter((token) => token.kind === 'option')
  for (const token of given) checkOption(token, options)
  const twice = given.find(({ name }, index) => options[name]?.type === 'text' && given.findIndex((other) => other.name === name) < index)
  if (twice) throw misuse(`${twice.rawName} is given more than once; give it once`)
  if (positionals.length > most) throw misuse(`'${positionals[most]}' was not expected${most === 0 ? ': there are no arguments but options' : ''}`)
  if (positionals.length < least) throw misuse('an argument is missing')
  const text = (option: string) => values[option] as string | undefined
  return {
    positionals,
    text,
    words: (option) => wordsOf(option, text(option)),
    flag: (option) => values[option] === true,
    number: (option, max) => wholeNumber(option, text(option), max),
  }
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function checkOption({ name, rawName, value, inlineValue }: OptionToken, options: Options): void {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (!option) throw unknownOption(name, rawName, options)
  if (option.type === 'flag' && inlineValue) throw misuse(`${rawName} takes no value, and '${value}' was given`)
  if (option.type === 'text' && (value === undefined || value === '' || (!inlineValue && value.startsWith('-')))) {
    throw misuse(`${rawName} needs a value: ${rawName} ${option.value ?? 'VALUE'}`)
  }
}

function unknownOption(name: string, rawName: string, options: Options): BanyanError {
  const meant = nearest(name, Object.keys(options))
  return misuse(`there is no option ${rawName}${meant === undefined ? '' : `; did you mean --${meant}?`}`)
}

function wordsOf(option: string, text: string | undefined): readonly string[] | undefined {
  const words = text
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  if (words?.length !== 0) return words
  throw misuse(`--${option} names one or more, with commas between them, and '${text}' was given`)
}

function wholeNumber(option: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= max) return number
  throw misuse(`--${option} is a whole number from 0 to ${max}, and '${text}' was given`)
}

function parserOptions(options: Options): NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']> {
  const entries = Object.entries(options).map(
    ([name, { type, short }]) => [name, { type: type === 'flag' ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) }] as const,
  )
  return Object.fromEntries(entries)
}

/** The command line was not understood. */
export function misuse(message: string): BanyanError {
  return new BanyanError('usage', message)
}
