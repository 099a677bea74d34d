import { request } from 'undici'
import type { Envelope } from '../../src/network/envelope.ts'
import { checked, type Invoke } from './fixture.ts'

export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: Record<string, unknown> | undefined
}

/** Sends a request, a body as JSON or, where it is a text, as it is. */
export async function send(
  server: { readonly url: string },
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Received> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await request(server.url + path, { method: method as 'GET', headers: { ...type, ...headers }, body: text ?? null })
  const received = await answer.body.text()
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: received,
    json: received === '' ? undefined : (JSON.parse(received) as Record<string, unknown>),
  }
}

export interface Asked {
  readonly operation: string
  readonly input: unknown
  readonly envelope: Envelope
}

/** Answers every operation with its input, and keeps what was asked. */
export function echoing(): { readonly invoke: Invoke; readonly seen: readonly Asked[]; last(): Asked } {
  const seen: Asked[] = []
  const invoke = checked((operation, input, envelope) => {
    seen.push({ operation: operation.name, input, envelope })
    return input
  })
  return { invoke, seen, last: () => seen.at(-1)! }
}
