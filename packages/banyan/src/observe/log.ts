import pino from 'pino'
import type { Log } from '../model/context.ts'
import { prettyLine } from './pretty-line.ts'
import { redact, redactText } from './redact.ts'
import { spanIdOf, traceIdOf } from './trace.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Where lines go, each with its line end. */
export interface LogDestination {
  write(line: string): void
}

export interface LogOptions {
  /** `info` unless said. */
  level?: LogLevel
  /** One short readable line per entry instead of JSON. */
  pretty?: boolean
  /** Standard output unless said. */
  destination?: LogDestination
}

/** A log that can be narrowed: what a child writes carries its fields. */
export interface RootLog extends Log {
  child(fields: Readonly<Record<string, unknown>>): RootLog
}

/**
 * A log of JSON lines (`time` in ISO 8601, `level` by name, `message`, then fields). Lines are written synchronously, so that the last
 * words of a dying process are there. Secrets are blanked by name at any depth, and in texts by form.
 */
export function createLog(options: LogOptions = {}): RootLog {
  const { level = 'info', pretty = false, destination = standardOutput() } = options
  const target: LogDestination = pretty ? { write: (line) => destination.write(prettyLine(line)) } : destination
  const settings: pino.LoggerOptions = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }), log: fit },
    // redact has made plain fields of errors already
    serializers: {},
  }
  return wrap(pino(settings, target))
}

/** Lines are there once `write` returns, also those of a process that dies. */
export function standardOutput(): LogDestination {
  return pino.destination({ dest: 1, sync: true })
}

function wrap(logger: pino.Logger): RootLog {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (!logger.isLevelEnabled(level)) return
    if (fields === undefined) logger[level](redactText(message))
    else logger[level](fields, redactText(message))
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: (fields) => wrap(logger.child(fit(fields))) }
}

/** Fields as they may be written: without secrets, and under names that the line itself does not use. */
function fit(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const clean = redact(fields) as Record<string, unknown>
  for (const name of ['time', 'level', 'message']) {
    if (!(name in clean)) continue
    clean[`_${name}`] = clean[name]
    delete clean[name]
  }
  return clean
}

/** The fields by which lines of one request find each other. */
export function traceFields(traceparent: string): { readonly traceId: string; readonly spanId: string } {
  return { traceId: traceIdOf(traceparent), spanId: spanIdOf(traceparent) }
}

/** A log that writes nothing. */
export const silentLog: RootLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
}
