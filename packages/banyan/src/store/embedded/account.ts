import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The operating system's user that the server runs as, where it cannot run as ours. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Accounts that could run a server, the best first: `nobody`, then those that are not root's. */
export function accounts(): readonly Account[] {
  const all = passwd().filter((account) => account.uid !== 0)
  return [...all.filter((account) => account.name === 'nobody'), ...all.filter((account) => account.name !== 'nobody')]
}

export function accountOf(uid: number): Account | undefined {
  return passwd().find((account) => account.uid === uid)
}

/** Whether an account may pass through every directory above `path` and read `path` itself, by their mode bits. */
export function mayReach(account: Account, path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at)
    const bits = uid === account.uid ? mode >> 6 : gid === account.gid ? mode >> 3 : mode
    if ((bits & 1) === 0 || (at === path && (bits & 4) === 0)) return false
    if (dirname(at) === at) return true
  }
}

function passwd(): readonly Account[] {
  let text: string
  try {
    text = readFileSync('/etc/passwd', 'utf8')
  } catch {
    // without the file no account has a name, and initdb refuses those
    return []
  }
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}
