import type { AuthWay } from '../model/auth.ts'
import { apiKeyVerifier, type ApiKeyVerifier } from '../security/api-keys.ts'
import { makeAuthTables } from '../security/auth-tables.ts'
import type { SessionStore } from '../security/session-store.ts'
import type { Sql } from '../store/sql.ts'
import type { LogIn } from './log-in.ts'

/** The ways that keep something. */
export interface StoredAuth {
  readonly keys: ApiKeyVerifier | undefined
  readonly logIn: LogIn | undefined
}

export interface StoredAuthParts {
  readonly app: string
  readonly sql: Sql
  /** Opens where sessions are kept, with what it needs there. */
  readonly sessions: () => Promise<SessionStore>
}

/** Whether an app has a way whose tables must be there. */
export function needsAuthTables(auth: readonly AuthWay[]): boolean {
  return auth.some((way) => way.kind !== 'jwt')
}

/** Opens API keys and log-in, where the app has them, and makes their tables where they are missing. */
export async function openStored(auth: readonly AuthWay[], { app, sql, sessions }: StoredAuthParts): Promise<StoredAuth> {
  const keys = auth.find((way) => way.kind === 'api-keys')
  const oidc = auth.find((way) => way.kind === 'oidc')
  if (keys) await makeAuthTables(sql, app)
  return { keys: keys && apiKeyVerifier({ app, prefix: keys.prefix, sql }), logIn: oidc && (await openLogIn(app, oidc, await sessions())) }
}

/** What it takes to log in is only loaded where somebody may. */
async function openLogIn(app: string, declared: Extract<AuthWay, { kind: 'oidc' }>, sessions: SessionStore): Promise<LogIn> {
  const { openLogIn } = await import('./log-in.ts')
  return openLogIn(app, declared, sessions)
}
