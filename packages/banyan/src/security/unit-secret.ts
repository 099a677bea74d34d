import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const FILE = 'units.secret'

/**
 * The secret by which the units of a project know each other in development: made once and kept in a directory that is the user's alone, so
 * that other commands of the project can ask running units how they fare.
 */
export async function unitSecret(directory: string): Promise<string> {
  const known = await knownUnitSecret(directory)
  if (known !== undefined) return known
  await mkdir(directory, { recursive: true })
  const path = join(directory, FILE)
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path) // fails where another process was first, and never shows half a file
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  return readFile(path, 'utf8')
}

/** The secret where it was made already. */
export async function knownUnitSecret(directory: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
