import type { Readable } from 'node:stream'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import { field, members } from '../http-cache/fields.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { preferredCoding } from './accept-encoding.ts'
import { compressed, type Coding } from './compressed.ts'
import type { Headers } from './header-changes.ts'
import { streamOf, withoutBodyFacts } from './json-message.ts'

interface CompressSettings {
  readonly codings?: readonly Coding[]
  readonly least?: number
}

/** A body that fits into one packet is there no sooner when it is smaller. */
const LEAST = 1_024
const CODINGS: readonly Coding[] = ['br', 'zstd', 'gzip']

/** Makes answers smaller on their way to clients that can read them so. */
export const compressPolicy: PolicyKind<CompressSettings> = {
  name: 'compress',
  schema: {
    description:
      'Compresses texts and the like for clients that say that they can read it. Answers that are compressed already, parts of answers, and those that must not be changed (`Cache-Control: no-transform`) pass as they are. Entity tags become weak.',
    type: 'object',
    properties: {
      codings: {
        description: 'What may be used; the first where a client likes several equally. `[br, zstd, gzip]` unless said.',
        type: 'array',
        items: { enum: CODINGS },
        minItems: 1,
        uniqueItems: true,
      },
      least: { description: 'Bytes below which a body is left as it is; 1024 unless said.', type: 'integer', minimum: 0 },
    },
    additionalProperties: false,
  },
  open({ codings = CODINGS, least = LEAST }) {
    return async (request, next) => {
      const coding = preferredCoding(field(request.headers, 'accept-encoding'), codings)
      const answer = await next(request)
      if (hasDirective(request.headers) || hasDirective(answer.headers)) return answer
      if (answer.status === 304) return coding === undefined ? answer : { ...answer, headers: withVary(withWeakTag(answer.headers)) }
      if (!isCompressible(answer, least)) return answer
      if (coding === undefined) return { ...answer, headers: withVary(answer.headers) }
      const { trailer: _trailer, ...rest } = withoutBodyFacts(answer.headers)
      return { ...answer, headers: { ...withVary(rest), 'content-encoding': coding }, body: bodyOf(request, answer, coding) }
    }
  },
}

/** Types whose bytes have much to save: texts, and formats that are not compressed in themselves. */
const compressible =
  /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|xml|yaml|cbor)\b|application\/(?:javascript|x-javascript|x-ndjson|json-seq|wasm|graphql)|image\/(?:svg\+xml|bmp)|font\/(?:ttf|otf))/i

function isCompressible({ status, headers, body }: EdgeAnswer, least: number): boolean {
  if (status < 200 || status === 204 || status === 206 || headers['content-range'] !== undefined) return false
  if ((field(headers, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity') return false
  if (!compressible.test(field(headers, 'content-type') ?? '')) return false
  const length = Buffer.isBuffer(body) ? body.length : Number(headers['content-length'] ?? Infinity)
  return length >= least
}

function bodyOf({ method }: EdgeRequest, { body }: EdgeAnswer, coding: Coding): Readable | undefined {
  if (body === undefined || method === 'HEAD') return undefined
  return compressed(Buffer.isBuffer(body) ? streamOf(body) : body, coding)
}

/** Whether a message must go on as it is (RFC 9111 §5.2.1.6, §5.2.2.6). */
function hasDirective(headers: Headers): boolean {
  return members(field(headers, 'cache-control')).some((directive) => directive.toLowerCase() === 'no-transform')
}

/** That the answer depends on what the client can read: caches keep both apart. */
function withVary<H extends Headers>(headers: H): H {
  const names = members(field(headers, 'vary'))
  if (names.some((name) => name === '*' || name.toLowerCase() === 'accept-encoding')) return headers
  return { ...headers, vary: [...names, 'accept-encoding'].join(', ') }
}

/** The tag that the whole answer had, so that a client knows which one is meant. */
function withWeakTag<H extends Headers>(headers: H): H {
  const tag = field(headers, 'etag')
  return tag === undefined || tag.startsWith('W/') ? headers : { ...headers, etag: `W/${tag}` }
}
