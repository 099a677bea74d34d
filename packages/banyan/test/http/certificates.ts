import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsOptions } from '../../src/security/tls.ts'

/** Why tests with certificates are skipped, where they are. */
export const NO_OPENSSL = 'makes certificates with openssl, which is not installed'
export const hasOpenssl: boolean = spawnSync('openssl', ['version']).status === 0

/** What a unit has: its own certificate and key, and the authority it trusts. */
export type UnitTls = Required<TlsOptions>

export interface Authority extends Disposable {
  /** Its own certificate. */
  readonly ca: string
  /** A unit with a certificate of this authority, for this machine and a day unless said. */
  unit(name: string, addresses?: string, days?: number): UnitTls
  /** The same with one that has expired. */
  expired(name: string): UnitTls
  /** Writes texts to files, and gives their paths. */
  files(tls: TlsOptions): Readonly<Record<keyof TlsOptions, string>>
}

const HERE = 'DNS:localhost,IP:127.0.0.1'

/** An authority with files of its own, removed when it is disposed of. */
export function authority(name: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-tls-'))
  const at = (file: string) => join(folder, file)
  const read = (file: string) => readFileSync(at(file), 'utf8')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', `/CN=${name}`, '-days', '2')

  function made(unit: string, addresses: string, ...validity: readonly string[][]): UnitTls {
    writeFileSync(at('names'), `subjectAltName=${addresses}\n`)
    openssl('req', ...newKey, '-keyout', at('unit.key'), '-out', at('unit.csr'), '-subj', `/CN=${unit}`)
    const sign = ['x509', '-req', '-in', at('unit.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('names')]
    if (!validity.some((one) => run(...sign, '-out', at('unit.pem'), ...one).status === 0)) openssl(...sign, '-out', at('unit.pem'), ...validity[0]!)
    return { cert: read('unit.pem'), key: read('unit.key'), ca: read('ca.pem') }
  }
  return {
    ca: read('ca.pem'),
    unit: (unit, addresses = HERE, days = 1) => made(unit, addresses, ['-days', String(days)]),
    // newer versions refuse the first and know the second
    expired: (unit) => made(unit, HERE, ['-days', '-1'], ['-not_before', '20200101000000Z', '-not_after', '20210101000000Z']),
    files(tls) {
      const entries = Object.entries(tls) as [keyof TlsOptions, string][]
      for (const [part, text] of entries) writeFileSync(at(`${part}-file.pem`), text)
      return Object.fromEntries(['cert', 'key', 'ca'].map((part) => [part, at(`${part}-file.pem`)])) as Record<keyof TlsOptions, string>
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

function run(...args: readonly string[]) {
  return spawnSync('openssl', args, { encoding: 'utf8' })
}

function openssl(...args: readonly string[]): void {
  const { status, stderr } = run(...args)
  if (status !== 0) throw new Error(`openssl ${args.join(' ')} failed: ${stderr}`)
}
