import type { Random } from '../fleet/random.ts'

/** An answer over HTTP. */
export interface Reply {
  readonly status: number
  /** JSON; its shape depends on what was asked. */
  readonly body: unknown
}
export interface Question {
  /** Whose token is shown; nobody's unless said. */
  readonly token?: string
  readonly body?: unknown
  /** The same key means the same request, however often it is sent. */
  readonly key?: string
}

/** Longer than any answer takes; what has not come by then is not known. */
const PATIENCE_MS = 8_000

/** The shop as the world sees it: addresses, some of which may not answer just now. */
export class FrontDoor {
  readonly #urls: () => readonly string[]
  readonly #random: Random
  /** How often each answer came that says nothing, for example `503 unavailable`; `no answer` where none came. */
  readonly silences: Map<string, number> = new Map()

  constructor(urls: () => readonly string[], random: Random) {
    this.#urls = urls
    this.#random = random
  }

  /** One attempt. `undefined`: nobody knows whether it was done, or it was not, so it may be asked again under the same key. */
  async try(method: string, path: string, { token, body, key }: Question = {}): Promise<Reply | undefined> {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    }
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      const response = await fetch(new URL(path, this.#random.pick(this.#urls())), {
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      const reply = { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
      return saysNothing(reply) ? this.#silence(`${reply.status} ${codeOf(reply)}`) : reply
    } catch {
      return this.#silence('no answer')
    }
  }

  /** Asks until there is an answer. */
  async ask(method: string, path: string, question: Question = {}): Promise<Reply> {
    for (;;) {
      const reply = await this.try(method, path, question)
      if (reply) return reply
      await this.pause()
    }
  }

  /** The 200 of a question that has no other good answer. Throws any other. */
  async read<T>(path: string, token?: string): Promise<T> {
    const reply = await this.ask('GET', path, token === undefined ? {} : { token })
    if (reply.status !== 200) throw new Error(`GET ${path} was answered ${reply.status}: ${JSON.stringify(reply.body)}`)
    return reply.body as T
  }

  async token(subject: string, roles: readonly string[]): Promise<string> {
    const { body } = await this.ask('POST', '/_development/token', { body: { subject, roles } })
    return (body as { token: string }).token
  }

  /** A moment before the next attempt. */
  pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#random.between(20, 200)))
  }

  #silence(kind: string): undefined {
    this.silences.set(kind, (this.silences.get(kind) ?? 0) + 1)
  }
}

export function codeOf({ body }: Reply): string {
  const code = (body as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : ''
}

function saysNothing(reply: Reply): boolean {
  return reply.status >= 500 || reply.status === 429 || ['version_conflict', 'transaction_conflict'].includes(codeOf(reply))
}
