import type { TestInstallation } from 'banyan/testing'

/** A server that answers `GET /products/:sku`; in a process of its own. */
export interface Contender extends AsyncDisposable {
  readonly port: number
  /** What goes with each request to it. */
  readonly headers: Readonly<Record<string, string>>
}

export type Place = TestInstallation['options']
