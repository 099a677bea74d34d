import { BanyanError } from '../kernel/errors.ts'

/** A failure of a secret operation as it may be logged and passed on: what kind it was and where, not what it said, which may quote the secret. */
export function withheld(operation: string, error: unknown): unknown {
  // the framework's own messages quote no input
  if (BanyanError.is(error)) return error
  const { name, code, stack } = error instanceof Error ? (error as Error & { code?: unknown }) : { name: typeof error, code: undefined, stack: '' }
  const kind = typeof code === 'string' && /^\w{1,40}$/.test(code) ? `${name} ${code}` : name
  const told = new BanyanError('internal', `${operation} failed: ${kind}, whose message is withheld, since the operation is secret`)
  told.stack = [`${told.name}: ${told.message}`, ...(stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))].join('\n')
  return told
}
