import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { certificatesOf, checkKey } from './pem.ts'
import type { TlsOptions } from './tls.ts'

const parts = ['cert', 'key', 'ca'] as const
type Part = (typeof parts)[number]
const variables: Readonly<Record<Part, string>> = { cert: 'BANYAN_TLS_CERT', key: 'BANYAN_TLS_KEY', ca: 'BANYAN_TLS_CA' }
/** What a text came from, for messages. */
type Sources = Readonly<Record<Part, string>>

/**
 * The TLS settings of a process: what `said` has, or else the files that BANYAN_TLS_CERT, BANYAN_TLS_KEY and BANYAN_TLS_CA name; `undefined`
 * where there are none. Throws `invalid_configuration` for what is not there, not PEM, or does not fit together.
 */
export async function readTls(said: TlsOptions | undefined, environment: Readonly<Record<string, string | undefined>>): Promise<TlsOptions | undefined> {
  if (said) return checkedTls(said, { cert: 'tls.cert', key: 'tls.key', ca: 'tls.ca' })
  const named = parts.filter((part) => environment[variables[part]])
  if (named.length === 0) return undefined
  const paths = Object.fromEntries(named.map((part) => [part, environment[variables[part]]!])) as Partial<Record<Part, string>>
  const texts = await Promise.all(named.map(async (part) => [part, await textOf(variables[part], paths[part]!)] as const))
  const sources = Object.fromEntries(parts.map((part) => [part, paths[part] ? `${variables[part]} (${paths[part]})` : variables[part]])) as Sources
  return checkedTls(Object.fromEntries(texts), sources)
}

async function textOf(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw fault(`${variable} is '${path}', which cannot be read: ${messageOf(error)}; it is the path of a PEM file`, error)
  }
}

function checkedTls(options: TlsOptions, from: Sources): TlsOptions {
  const { cert, key, ca } = options
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? [from.key, from.cert] : [from.cert, from.key]
    throw fault(`${there} is set and ${missing} is not; a certificate is of use with its private key only, so set both`)
  }
  if (ca !== undefined) certificatesOf(ca, from.ca)
  if (cert !== undefined && key !== undefined) checkKey(certificatesOf(cert, from.cert)[0], key, from)
  return options
}

function fault(message: string, cause?: unknown): BanyanError {
  return new BanyanError('invalid_configuration', message, { cause })
}

/** The days until the certificate of a process expires; negative once it has. `undefined`: it has none. */
export function daysLeft({ cert }: TlsOptions = {}, now: Date = new Date()): number | undefined {
  if (cert === undefined) return undefined
  return (Date.parse(new X509Certificate(cert).validTo) - now.getTime()) / 86_400_000
}
