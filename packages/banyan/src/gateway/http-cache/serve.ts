import type { Readable } from 'node:stream'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import type { Fields } from './fields.ts'
import { isUnmodified } from './preconditions.ts'
import { requestedPart, type Part } from './range.ts'
import type { Kept } from './stored-answer.ts'

/** What the client gets of a kept answer: all of it, a part, its fields alone, or word that it has it already (RFC 9111 §4, §4.3.2). */
export function served(request: EdgeRequest, kept: Kept, body: Buffer | Readable, now: number, status: string): EdgeAnswer {
  const headers: Record<string, string | readonly string[] | undefined> = { ...kept.fields }
  headers['age'] = String(Math.max(0, Math.floor((now - kept.bornAt) / 1_000)))
  headers['cache-status'] = status
  if (isUnmodified(request.headers, kept)) return { status: 304, headers: withoutBody(headers), body: undefined }
  if (request.method === 'HEAD') return { status: kept.status, headers, body: undefined }
  const part = request.headers.range !== undefined && Buffer.isBuffer(body) ? requestedPart(request.headers, kept, body.length) : undefined
  return part === undefined ? { status: kept.status, headers, body } : partial(headers, body as Buffer, part)
}

function partial(headers: Fields, body: Buffer, part: Part | 'unsatisfiable'): EdgeAnswer {
  if (part === 'unsatisfiable')
    return { status: 416, headers: { ...withoutBody(headers), 'content-range': `bytes */${body.length}`, 'content-length': '0' }, body: undefined }
  const { from, to } = part
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-${to - 1}/${body.length}`, 'content-length': String(to - from) },
    body: body.subarray(from, to),
  }
}

/** Without what describes a body that is not sent. */
function withoutBody(headers: Fields): Fields {
  return { ...headers, 'content-length': undefined, 'content-type': undefined, 'content-encoding': undefined, 'content-range': undefined }
}
