/** A JSON Schema, or part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** `patternErrorMessage` is what editors show in the place of the pattern; here it says what is expected, as a phrase. */

/** `300ms`, `5s`, `15m`, `2h`, `30d`: a length of time (kernel/duration.ts). */
export const DURATION: JsonSchema = {
  type: 'string',
  pattern: '^\\d+(?:\\.\\d+)?(?:ms|s|m|h|d)$',
  patternErrorMessage: "a duration, such as '300ms', '5s', '15m', '2h' or '30d'",
}

/** Of upstreams, pipelines and routes. */
export const NAME: JsonSchema = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
  patternErrorMessage: 'a name of letters, digits, dots, dashes and underscores',
}

export const URL_TEXT: JsonSchema = {
  type: 'string',
  pattern: '^https?://',
  patternErrorMessage: "an address that begins with 'http://' or 'https://'",
}

/** Not shown in messages, since it may hold a password. */
export const REDIS_URL: JsonSchema = {
  type: 'string',
  pattern: '^rediss?://[^/]',
  patternErrorMessage: "an address such as 'redis://user:password@host:6379/0', or 'rediss://' for TLS",
  writeOnly: true,
}

/** The name of an HTTP field (RFC 9110 §5.1). */
export const FIELD_NAME: JsonSchema = {
  type: 'string',
  pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
  patternErrorMessage: 'the name of a header field',
}

/** The value of an HTTP field: visible characters, with spaces between them (RFC 9110 §5.5). */
export const FIELD_VALUE: JsonSchema = {
  type: 'string',
  pattern: '^[\\x21-\\x7e\\x80-\\xff](?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?$',
  patternErrorMessage: 'the value of a header field: one line, without spaces at its ends',
}
