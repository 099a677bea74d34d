import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface Arguments {
  /** `undefined`: a generated one. */
  readonly file: string | undefined
  /** How many invoices of it. */
  readonly limit: number
  readonly check: string | undefined
  readonly topology: string
  readonly kill: boolean
  readonly directory: string | undefined
  /** Addresses of a shop that runs already. */
  readonly urls: readonly string[]
  readonly seed: number
  readonly atOnce: number
  readonly json: boolean
}

export const usage = `npm run replay -- FILE.csv[.gz] [options]      without FILE: one that is generated, of 300 invoices

  --limit N            the first N invoices only
  --check FILE.json    compare with these figures; those of the file itself are always compared
  --topology NAME      how the shop is divided: one (unless said) or split
  --kill               kill its processes and its database at random, again and again
  --directory PATH     where the shop, its database and the journal lie, to go on later; a temporary one unless said
  --url ADDRESS        a shop that runs already, in development, and has nothing else to do; once for each of its units
  --seed N             of opening stock, declined cards and kills; 1 unless said
  --at-once N          invoices under way at once; 64 unless said
  --json               progress and result as lines of JSON`

/** `from`: the directory that paths are relative to. Throws a `RangeError` that says what is wrong. */
export function readArguments(words: readonly string[], from: string): Arguments {
  const { values, positionals } = parsed(words)
  const { check, topology = 'one', kill = false, directory, url: urls = [], json = false } = values
  if (positionals.length > 1) throw new RangeError(`there are ${positionals.length} files: ${positionals.join(', ')}; one is replayed`)
  if (urls.length > 0 && (kill || values.topology !== undefined))
    throw new RangeError('--kill and --topology are for a shop that is started here, not for one at --url')
  const bad = urls.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
  if (bad !== undefined) throw new RangeError(`--url is '${bad}'; it needs an address as in http://127.0.0.1:3000`)
  const path = (text: string | undefined) => (text === undefined ? undefined : resolve(from, text))
  return {
    file: path(positionals[0]),
    limit: number('limit', values.limit) ?? Infinity,
    check: path(check),
    topology,
    kill,
    directory: path(directory),
    urls,
    seed: number('seed', values.seed) ?? 1,
    atOnce: number('at-once', values['at-once']) ?? 64,
    json,
  }
}

function parsed(words: readonly string[]) {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        limit: text,
        check: text,
        topology: text,
        kill: flag,
        directory: text,
        url: { type: 'string', multiple: true },
        seed: text,
        'at-once': text,
        json: flag,
      },
    })
  } catch (error) {
    throw new RangeError((error as Error).message, { cause: error })
  }
}

function number(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new RangeError(`--${name} is '${value}'; it needs a whole number above 0`)
  return Number(value)
}
