import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { ReloadedFile } from '../../src/gateway/file/reloaded-file.ts'
import { readGatewayFile } from '../../src/gateway/file/read.ts'
import { policyKinds } from '../../src/gateway/policy-kinds.ts'
import { startGateway, type RunningGateway, type StartGatewayOptions } from '../../src/gateway/start-gateway.ts'
import { createLog } from '../../src/observe/log.ts'
import type { TlsOptions } from '../../src/security/tls.ts'

const reading = { kinds: policyKinds, env: {} }

/** A folder with a gateway file and what it names. */
export interface GatewayFolder extends Disposable {
  readonly directory: string
  readonly path: string
  /** Puts a text in the place of a file, as tools that renew certificates do. */
  put(name: string, text: string): void
  /** `name.pem` and `name.key`. */
  pair(name: string, pair: Pick<Required<TlsOptions>, 'cert' | 'key'>): void
}

export function gatewayFolder(): GatewayFolder {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-gateway-tls-'))
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.new`), text)
    renameSync(join(folder, `${name}.new`), join(folder, name))
  }
  return {
    directory: folder,
    path: join(folder, 'gateway.yaml'),
    put,
    pair(name, { cert, key }) {
      put(`${name}.pem`, cert)
      put(`${name}.key`, key)
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

export interface FollowedGateway extends AsyncDisposable {
  readonly edge: RunningGateway
  readonly file: ReloadedFile
  /** Its log so far. */
  log(): string
}

/** Serves a file, and follows it, as `banyan gateway start` does. */
export async function following({ path }: GatewayFolder, options: Partial<StartGatewayOptions> = {}): Promise<FollowedGateway> {
  const lines: string[] = []
  const log = createLog({ destination: { write: (line) => lines.push(line) } })
  const config = await readGatewayFile(path, reading)
  const edge = await startGateway(config, { port: 0, log, ...options })
  const file = ReloadedFile.open({ ...reading, path, loaded: config, load: (next) => edge.load(next), log })
  return {
    edge,
    file,
    log: () => lines.join(''),
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]()
      await edge[Symbol.asyncDispose]()
    },
  }
}

/** A connection over TLS once it is secure. Rejects where it is not. */
export function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...options })
    socket.once('secureConnect', () => resolve(socket)).once('error', reject)
  })
}

/** Who is shown to who asks for a name: the common name of the certificate. */
export async function shown(port: number, ca: string, servername?: string): Promise<string> {
  const socket = await handshake(port, { ca, rejectUnauthorized: false, ...(servername !== undefined && { servername }) })
  const { CN } = socket.getPeerCertificate().subject
  socket.destroy()
  return String(CN)
}
