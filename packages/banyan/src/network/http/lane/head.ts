import type { IncomingHttpHeaders } from 'node:http'

/** The head of a request, and how long it and its body are. */
export interface Head {
  readonly method: string
  /** In origin form. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Names as they were written and values, in turn. */
  readonly rawHeaders: string[]
  /** Bytes, with the empty line. */
  readonly length: number
  readonly bodyLength: number
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const VERSION = ' HTTP/1.1\r\n'
const [CR, LF, TAB, SPACE, SLASH, COLON] = [13, 10, 9, 32, 47, 58]

/** What may stand in a name, a target or a value, by its byte. */
const isToken = bytesOf(/[\w!#$%&'*+.^`|~-]/)
const isTarget = bytesOf(/[!-"$-~]/)
const isValue = bytesOf(/[\t -~\x80-\xff]/)

/** Fields of which each changes how a connection or a body is read, and that are left to node:http. */
const others: ReadonlySet<string> = new Set(['transfer-encoding', 'upgrade', 'expect', 'proxy-connection', 'set-cookie', 'trailer'])

/** A part of a text keeps all of it in memory, for as long as somebody remembers the part: those of a longer one are copied. */
const SHARED_BYTES = 1_024

/** Reads the head that `text` (latin1) begins with; `undefined`: it is not all there, or not of the plain kind. */
export function readHead(text: string): Head | undefined {
  const part = text.length > SHARED_BYTES ? copied : shared
  const methodEnd = text.indexOf(' ')
  const method = text.slice(0, methodEnd)
  if (!methods.has(method)) return undefined
  const targetFrom = methodEnd + 1
  const targetEnd = past(isTarget, text, targetFrom)
  if (text.charCodeAt(targetFrom) !== SLASH || !text.startsWith(VERSION, targetEnd)) return undefined
  const headers: IncomingHttpHeaders = {}
  const rawHeaders: string[] = []
  let at = targetEnd + VERSION.length
  while (text.charCodeAt(at) !== CR) {
    const nameEnd = past(isToken, text, at)
    if (nameEnd === at || text.charCodeAt(nameEnd) !== COLON) return undefined
    let from = nameEnd + 1
    while (isBlank(text.charCodeAt(from))) from++
    const lineEnd = past(isValue, text, from)
    if (text.charCodeAt(lineEnd) !== CR || text.charCodeAt(lineEnd + 1) !== LF) return undefined
    let end = lineEnd
    while (end > from && isBlank(text.charCodeAt(end - 1))) end--
    const raw = text.slice(at, nameEnd)
    const name = raw.toLowerCase()
    if (headers[name] !== undefined || others.has(name)) return undefined
    const value = part(text, from, end)
    headers[name] = value
    rawHeaders.push(raw, value)
    at = lineEnd + 2
  }
  if (text.charCodeAt(at + 1) !== LF) return undefined
  const { host, connection, 'content-length': length = '0' } = headers
  if (host === undefined || (connection !== undefined && connection !== 'keep-alive') || !/^(?:0|[1-9]\d{0,9})$/.test(length)) return undefined
  return { method, target: part(text, targetFrom, targetEnd), headers, rawHeaders, length: at + 2, bodyLength: Number(length) }
}

function shared(text: string, from: number, to: number): string {
  return text.slice(from, to)
}

function copied(text: string, from: number, to: number): string {
  return Buffer.from(text.slice(from, to), 'latin1').toString('latin1')
}

/** Where what `set` holds ends. */
function past(set: Uint8Array, text: string, at: number): number {
  while (at < text.length && set[text.charCodeAt(at)] === 1) at++
  return at
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}

function bytesOf(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_none, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0))
}
