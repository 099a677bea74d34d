import type { TestInstallation } from 'banyan/testing'
import type { Enquiry, Quote } from './quote.ts'

/** Where the two processes of a contender live: a port for each, and a database for those that want one. */
export interface Place {
  readonly callee: number
  readonly caller: number
  readonly options: TestInstallation['options']
}

export interface Caller extends AsyncDisposable {
  call(enquiry: Enquiry): Promise<Quote>
}

/** One way to call another process. Each side is opened in a process of its own, first the callee. */
export interface Contender {
  /** For the table. */
  readonly name: string
  /** What it does and what it lacks. */
  readonly remarks: string
  callee(place: Place): Promise<AsyncDisposable>
  caller(place: Place): Promise<Caller>
}
