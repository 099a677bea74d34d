import { randomFillSync } from 'node:crypto'

/** The parts of a W3C Trace Context `traceparent`. */
export interface TraceContext {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string
  /** 16 hexadecimal digits, not all zero. */
  readonly spanId: string
  /** Bit 0: sampled; bit 1: the trace id is random. */
  readonly flags: number
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const KNOWN_FLAGS = 0b11
const own = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/
const ZERO_TRACE = '0'.repeat(32)
const ZERO_SPAN = '0'.repeat(16)

/**
 * Reads a `traceparent` header (W3C Trace Context level 2, §3.2). `undefined` for anything invalid, so that a new trace begins; of a
 * version above 00 the parts that 00 knows are read.
 */
export function parseTraceparent(header: string): TraceContext | undefined {
  const match = form.exec(header)
  if (!match) return undefined
  const [, version, traceId, spanId, flags, rest] = match as unknown as [string, string, string, string, string, string | undefined]
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS }
}

/** The `traceparent` of a new trace: random, sampled. */
export function newTrace(): string {
  return `00-${hex(16)}-${hex(8)}-03`
}

/** A `traceparent` in the same trace with a span of its own; a new trace where the parent is invalid. */
export function childSpan(parent: string): string {
  // what this process or another of its kind has made needs no taking apart: every call makes a span
  if (own.test(parent) && !parent.startsWith(ZERO_TRACE, 3) && !parent.startsWith(ZERO_SPAN, 36)) return parent.slice(0, 36) + hex(8) + parent.slice(52)
  const context = parseTraceparent(parent)
  return context ? `00-${context.traceId}-${hex(8)}-0${context.flags}` : newTrace()
}

/** The trace id inside a valid `traceparent`. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/** The span id inside a valid `traceparent`. */
export function spanIdOf(traceparent: string): string {
  return traceparent.slice(36, 52)
}

const bytes = Buffer.alloc(4096)
/** Random digits, written all at once: one by one costs as much as all the rest of a span. */
let digits = ''
let used = 0

function hex(count: number): string {
  const length = 2 * count
  if (used + length > digits.length) {
    digits = randomFillSync(bytes).toString('hex')
    used = 0
  }
  used += length
  const text = digits.slice(used - length, used)
  return text === ZERO_SPAN || text === ZERO_TRACE ? hex(count) : text
}
