import type { TestInstallation } from 'banyan/testing'

/** A server that answers `POST /orders`; in a process of its own. */
export interface Contender extends AsyncDisposable {
  readonly port: number
}

/** Where it keeps its data: `options.database` is the address, everything in it is under `options.name`. */
export type Place = TestInstallation['options']
