import { inspect } from 'node:util'
import { BanyanError } from '../kernel/errors.ts'
import type { Style } from './style.ts'

/**
 * A failure as it is told: `error <code>: message` where the framework knows what happened, with the stack where it does not or where it is
 * asked for.
 */
export function failureText(error: unknown, { red }: Style, verbose: boolean): string {
  if (BanyanError.is(error) && !verbose) return `${red(`error ${error.code}:`)} ${error.message}\n`
  if (BanyanError.is(error)) return `${red(`error ${error.code}:`)} ${inspect(error)}\n`
  return `${red('error:')} ${inspect(error)}\n`
}
