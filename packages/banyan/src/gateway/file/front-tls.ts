import { ServerNames } from '../../security/server-names.ts'
import type { KeyPairSources } from '../../security/key-pair.ts'
import type { ServedTls } from '../../security/server-certificates.ts'
import type { Route } from '../config.ts'
import type { GatewayDocument } from './document.ts'
import type { NamedFiles } from './named-files.ts'

interface WrittenCertificate extends KeyPairSources {
  readonly names?: readonly string[]
}

/** The certificates of a gateway as the schema lets them be written. */
export interface WrittenTls {
  readonly certificates: readonly WrittenCertificate[]
  readonly minimum?: ServedTls['minimum']
  readonly clients?: { readonly ca: string; readonly required?: boolean }
}

type Certificates = ServedTls['certificates']

/** What the gateway shows, with its files read. What is wrong with them is noted as a mistake. */
export function frontTls({ certificates, minimum = 'TLSv1.2', clients }: WrittenTls, files: NamedFiles, document: GatewayDocument): ServedTls {
  const taken = new ServerNames<number>()
  const served = certificates.flatMap((written, index): Certificates => {
    const path = ['tls', 'certificates', index]
    const read = files.keyPair(written, path)
    if (!read) return []
    const { pair } = read
    const names = written.names?.map((name) => name.toLowerCase()) ?? pair.names
    if (names.length === 0 && index > 0) document.reject(path, 'is never shown: its certificate is for no name of a server; say names, or put it first')
    const covered = namesOf([pair.names])
    for (const name of names) {
      const other = taken.add(name, index)
      if (other !== undefined && other !== index) document.reject(path, `is for '${name}', as ${at(other, document)} is; say by names which is for what`)
      if (covered.find(name) === undefined) document.warn(path, `is shown to who asks for '${name}', which its certificate is not for: clients will refuse it`)
    }
    return [{ ...read, names }]
  })
  const authorities = clients && files.authorities(clients.ca, ['tls', 'clients', 'ca'])
  return { certificates: served, minimum, clients: authorities && { authorities, required: clients.required ?? true } }
}

/** Warns of hosts of routes that no certificate is for. */
export function warnOfHosts(
  routes: readonly { readonly route: Route; readonly index: number }[],
  { certificates }: ServedTls,
  document: GatewayDocument,
): void {
  const known = namesOf(certificates.map(({ names }) => names))
  for (const { route, index } of routes) {
    for (const host of route.match.hosts) {
      if (known.find(host) !== undefined || /^[\d.]+$/.test(host)) continue
      document.warn(['routes', index, 'host'], `has '${host}', which no certificate of tls is for: who asks for it over TLS is shown another`)
    }
  }
}

function namesOf(lists: readonly (readonly string[])[]): ServerNames<true> {
  const names = new ServerNames<true>()
  for (const name of lists.flat()) names.add(name, true)
  return names
}

function at(index: number, document: GatewayDocument): string {
  return `tls.certificates[${index}] on line ${document.line(['tls', 'certificates', index])}`
}
