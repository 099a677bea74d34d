import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { start } from 'banyan'
import type { App } from 'banyan/types'
import { provider } from '../payments/parts.ts'
import type { StartOptions } from '../shop.ts'
import { keepBook } from './provider-book.ts'

/** What a unit's process is told once it has loaded the program. */
export interface UnitOrder {
  readonly options: StartOptions
  /** Where the card provider keeps its book. */
  readonly book: string
  /** The charge during which the process dies. */
  readonly crashAtCharge?: number
}
export type UnitAnswer = 'open' | 'quiet' | { readonly restless: string }

const { default: app } = (await import(process.argv[2]!)) as { default: App<Record<string, never>> }
// otherwise it is written when a process ends in order, which these do not
flushCompileCache()
const [{ options, book, crashAtCharge }] = (await once(process, 'message')) as [UnitOrder]
keepBook(provider, book, crashAtCharge)
// Ctrl-C reaches everybody on the terminal; who started this decides
process.on('SIGINT', () => {})
const letGo = once(process, 'disconnect')
await using unit = await start(app, options)
const answer = (text: UnitAnswer): void => void process.send?.(text)
process.on('message', () => {
  unit.quiet().then(
    () => answer('quiet'),
    (error: unknown) => answer({ restless: String(error) }),
  )
})
answer('open')
await letGo
