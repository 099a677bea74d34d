import { BanyanError } from '../../kernel/errors.ts'
import type { Place } from './place.ts'

/** How PostgreSQL's programs are started: as their account, from a directory it can enter, and with nothing of our environment that changes them. */
export function programOptions({ account }: Pick<Place, 'account'>): { cwd?: string; uid?: number; gid?: number; env: NodeJS.ProcessEnv } {
  if (process.platform === 'win32') return { env: process.env }
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  return { cwd: '/', env, ...(account ? { uid: account.uid, gid: account.gid } : {}) }
}

/** `database_full`, `embedded_missing` or `embedded_failed`, as the text of a failed start says. */
export function startFailure(text: string, cause?: unknown): BanyanError {
  const options = cause === undefined ? {} : { cause }
  if (/No space left on device|Check free disk space|ENOSPC/.test(text))
    return new BanyanError('database_full', `the embedded server has no disk space: ${text}`, options)
  if (/ENOENT|cannot open shared object file|error while loading shared libraries/.test(text)) {
    return new BanyanError(
      'embedded_missing',
      `the embedded PostgreSQL does not run on this system (it needs glibc, so not Alpine); set DATABASE_URL to a server: ${text}`,
      options,
    )
  }
  return new BanyanError('embedded_failed', `the embedded PostgreSQL did not start: ${text}`, options)
}
