import type { Log } from '../model/context.ts'
import { unreachable } from '../network/unreachable.ts'
import { ExchangeFault } from './http1/fault.ts'

/** Where the authorities are named that are trusted of upstreams: units of the app have their own. */
export const UPSTREAM_AUTHORITIES = '`ca` in `tls` of the upstream, or NODE_EXTRA_CA_CERTS,'

/** Milliseconds until the same fault of a target is logged again: requests and checks would say it each time. */
const QUIET_MS = 60_000

/** Why targets of an upstream gave no answer, until they give one. */
export class TargetFaults {
  readonly #upstream: string
  readonly #log: Log
  readonly #faults = new Map<string, string>()
  readonly #said = new Map<string, { readonly fault: string; readonly at: number }>()

  constructor(upstream: string, log: Log) {
    this.#upstream = upstream
    this.#log = log
  }

  /** `undefined`: the target has given an answer since, or was never asked. */
  of(id: string): string | undefined {
    return this.#faults.get(id)
  }

  note(id: string, origin: string, cause: unknown): void {
    const fault = faultOf(origin, cause)
    this.#faults.set(id, fault)
    const said = this.#said.get(id)
    const at = performance.now()
    if (said?.fault === fault && at - said.at < QUIET_MS) return
    this.#said.set(id, { fault, at })
    this.#log.warn('a target of an upstream gives no answer', { upstream: this.#upstream, fault })
  }

  clear(id: string): void {
    this.#faults.delete(id)
  }
}

/** What is the matter with a target, or with what was to be sent to it. */
export function faultOf(origin: string, cause: unknown): string {
  const reached = cause instanceof ExchangeFault && cause.code !== 'CONNECT_TIMEOUT' && cause.code !== 'OTHER_SIDE_CLOSED'
  return reached ? `${origin}: ${cause.message}` : unreachable(origin, cause, UPSTREAM_AUTHORITIES)
}
