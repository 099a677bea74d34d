import { BanyanError } from '../kernel/errors.ts'
import type { Log } from '../model/context.ts'
import { ServerCertificates, type ServedTls } from '../security/server-certificates.ts'
import type { TlsOptions } from '../security/tls.ts'

interface Options {
  readonly tls?: TlsOptions | undefined
  readonly unit?: boolean
  readonly log: Log
}

/** What a gateway that opens shows over TLS; `undefined`: its server listens without, or with what it has itself. */
export function certificatesFor(served: ServedTls | undefined, options: Options): ServerCertificates | undefined {
  const own = options.tls?.cert === undefined ? undefined : options.tls
  const certificates = own || (served && options.unit !== true) ? new ServerCertificates(own, served) : undefined
  checkTls(served, certificates, options)
  return certificates
}

/** Throws `invalid_configuration` for what a server that listens already cannot begin to do, or a unit never does. */
export function checkTls(served: ServedTls | undefined, certificates: ServerCertificates | undefined, { unit = false, log }: Options): void {
  if (served === undefined) return
  if (unit && served.clients !== undefined) {
    throw new BanyanError(
      'invalid_configuration',
      'the gateway file has tls.clients, and in an app BANYAN_TLS_CA says whose certificates are asked for, since units show theirs at the same port; take it out, or run banyan gateway start in front',
    )
  }
  if (certificates !== undefined) return
  if (!unit) throw new BanyanError('invalid_configuration', 'the gateway file has tls, and this gateway listens without since its start; restart it')
  log.warn(
    'tls of the gateway file is not used: this unit listens without TLS; set BANYAN_TLS_CERT and BANYAN_TLS_KEY, which who asks for no name of it is shown',
  )
}
