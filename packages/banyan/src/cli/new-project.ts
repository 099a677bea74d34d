import { lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BanyanError, messageOf } from '../kernel/errors.ts'

/** Writes the files of a project. Throws `project_not_written`, and has written nothing, where one of them is there already. */
export async function writeProject(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  const there = await inTheWay(directory, [...files.keys()])
  if (there.length > 0) {
    const what = there.includes('.') ? 'is a file' : `has already ${there.join(', ')}`
    throw new BanyanError('project_not_written', `${directory} ${what}; nothing was written. Name another directory, or move away what is there`)
  }
  const written: string[] = []
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), text, { flag: 'wx' })
      written.push(path)
    }
  } catch (error) {
    await Promise.all(written.map((path) => rm(join(directory, path), { force: true })))
    throw new BanyanError('project_not_written', `the project could not be written to ${directory}: ${messageOf(error)}; no file was left there`, {
      cause: error,
    })
  }
}

/** Files to be written that exist, and files where folders are to be; `.` for the directory itself. */
async function inTheWay(directory: string, paths: readonly string[]): Promise<readonly string[]> {
  const folders = new Set(paths.flatMap(foldersOf))
  const blocked = await Promise.all([...folders].map(async (folder) => ((await kindOf(join(directory, folder))) === 'file' ? [folder] : [])))
  const existing = await Promise.all(paths.map(async (path) => ((await kindOf(join(directory, path))) === undefined ? [] : [path])))
  return [...blocked.flat(), ...existing.flat()]
}

/** `.`, and every folder on the way to a file. */
function foldersOf(path: string): readonly string[] {
  const folder = dirname(path)
  return folder === '.' ? ['.'] : [...foldersOf(folder), folder]
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  return lstat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => undefined,
  )
}
