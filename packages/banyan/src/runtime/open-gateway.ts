import { isAbsolute, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ReloadedFile } from '../gateway/file/reloaded-file.ts'
import { readGatewayFile } from '../gateway/file/read.ts'
import { gateway, type Gateway } from '../gateway/gateway.ts'
import { policyKinds } from '../gateway/policy-kinds.ts'
import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { App } from '../model/app.ts'
import type { Log } from '../model/context.ts'
import type { AccessLog } from '../observe/access-log.ts'

/** What is wrong with where an app says that its gateway file is. */
export function gatewayMistakes({ gateway: said }: Pick<App, 'gateway'>): string[] {
  if (said === undefined || said.file.startsWith('file:') || isAbsolute(said.file)) return []
  return [`gateway.file is '${said.file}', which is relative, and nothing says to what; write import.meta.resolve('${said.file}')`]
}

export interface GatewaySurroundings {
  readonly lifecycle: Lifecycle
  readonly log: Log
  readonly accessLog: AccessLog | undefined
}

/**
 * The routes of the app's gateway file, which is read again whenever it changes. Throws `invalid_configuration` with every mistake in it.
 */
export async function openGateway(
  { gateway: said, http }: Pick<App, 'gateway' | 'http'>,
  { lifecycle, log, accessLog }: GatewaySurroundings,
): Promise<Gateway | undefined> {
  if (said === undefined) return undefined
  const path = said.file.startsWith('file:') ? fileURLToPath(said.file) : said.file
  const reading = { kinds: policyKinds, env: process.env }
  const config = await readGatewayFile(path, reading)
  const opened = await gateway(config, { parts: { directory: dirname(path) }, trusted: http.trustedProxies ?? [], accessLog, log })
  lifecycle.add('the gateway', opened)
  lifecycle.add('the gateway file', ReloadedFile.open({ ...reading, path, loaded: config, load: (next) => opened.load(next), log }))
  return opened
}
