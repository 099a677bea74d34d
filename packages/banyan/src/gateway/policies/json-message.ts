import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { BanyanError, messageOf, type ErrorCode } from '../../kernel/errors.ts'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import type { Headers } from './header-changes.ts'

export interface BodyBounds {
  /** The most bytes that are read. */
  readonly limit: number
  /** The error of a body that is larger, and of one that is not what it says. */
  readonly tooLarge: ErrorCode
  readonly malformed: ErrorCode
  /** How messages name it: `the answer of the upstream blog`. */
  readonly what: string
}

/** Whether a message says that it is JSON (RFC 8259, RFC 6839 §3.1). Lines and sequences of JSON are not. */
export function isJson(headers: Headers): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(String(headers['content-type'] ?? ''))
}

/** Reads a body as JSON, within its bounds; `undefined` where there is none. Throws the errors that the bounds name. */
export async function readJson(body: Readable | Buffer | undefined, headers: Headers, bounds: BodyBounds): Promise<unknown> {
  const bytes = await decoded(await readBytes(body, bounds), headers, bounds)
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch (error) {
    throw new BanyanError(bounds.malformed, `${bounds.what} says that it is JSON and is not: ${messageOf(error)}`, { cause: error })
  }
}

/** A message's headers with a JSON body in the place of the one it had. */
export function jsonMessage<H extends Headers>(headers: H, value: unknown): { readonly headers: H; readonly body: Buffer } {
  const body = Buffer.from(JSON.stringify(value))
  return { headers: { ...withoutBodyFacts(headers), 'content-length': String(body.length) }, body }
}

/**
 * Headers of a message whose body will be another: without what was said of the bytes that it had. An entity tag becomes weak, since it
 * still tells versions apart, but not bytes (RFC 9110 §8.8.1).
 */
export function withoutBodyFacts<H extends Headers>(headers: H): H {
  const rest: Record<string, unknown> = { ...headers }
  for (const name of ['content-length', 'content-encoding', 'content-md5', 'content-digest', 'digest', 'repr-digest', 'accept-ranges']) delete rest[name]
  const tag = rest['etag']
  return (typeof tag === 'string' && !tag.startsWith('W/') ? { ...rest, etag: `W/${tag}` } : rest) as H
}

/** A request's headers that ask for an answer whose body can be looked at: whole, and not compressed. */
export function askingForPlainBody<H extends Headers>(headers: H): H {
  const { range: _range, 'if-range': _ifRange, ...rest } = headers
  return { ...(rest as H), 'accept-encoding': 'identity' }
}

async function readBytes(body: Readable | Buffer | undefined, bounds: BodyBounds): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0)
  if (Buffer.isBuffer(body)) return body
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    // leaving the loop destroys the stream, so nobody goes on sending
    if (size > bounds.limit) throw tooLarge(bounds)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

const codings = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), br: promisify(brotliDecompress), deflate: promisify(inflate) } as const

/** Undoes the coding of a body that was compressed although it was not asked for so; a small body that unfolds into a large one is too large. */
async function decoded(bytes: Buffer, headers: Headers, bounds: BodyBounds): Promise<Buffer> {
  const coding = String(headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase()
  if (coding === 'identity' || bytes.length === 0) return bytes
  if (!Object.hasOwn(codings, coding)) throw new BanyanError(bounds.malformed, `${bounds.what} is encoded as '${coding}', which is not known here`)
  try {
    return await codings[coding as keyof typeof codings](bytes, { maxOutputLength: bounds.limit })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bounds)
    throw new BanyanError(bounds.malformed, `${bounds.what} says that it is ${coding} and is not: ${messageOf(error)}`, { cause: error })
  }
}

function tooLarge({ tooLarge, what, limit }: BodyBounds): BanyanError {
  return new BanyanError(tooLarge, `${what} has more than ${limit} bytes, the most that are mapped here; send less, or raise body.limit of the policy`)
}

/** A body that is sent on. */
export function streamOf(body: Buffer): Readable {
  return Readable.from([body], { objectMode: false })
}

/** The bounds of an answer's body, and what is said of one that does not keep them. */
export function answerBounds({ route }: EdgeRequest, limit: number): BodyBounds {
  return { limit, tooLarge: 'invalid_output', malformed: 'invalid_output', what: `the answer of the upstream ${route.to}` }
}

/** Answers that have no body whatever their headers say (RFC 9110 §6.4.1). */
export function hasNoBody({ method }: EdgeRequest, { status }: EdgeAnswer): boolean {
  return method === 'HEAD' || status === 204 || status === 304
}
