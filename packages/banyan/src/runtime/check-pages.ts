import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../kernel/errors.ts'
import type { App } from '../model/app.ts'

/** The directory of an app's pages, if it has any. Throws where the setting leads nowhere; `mistakes` has told so before anything starts. */
export function pagesDirectory({ http }: App): string | undefined {
  const { pages } = http
  if (pages === undefined) return undefined
  return pages.startsWith('file:') ? fileURLToPath(pages) : pages
}

/** What is wrong with the directory that an app serves pages from. */
export function pagesMistakes(app: App): string[] {
  const { pages } = app.http
  try {
    const directory = pagesDirectory(app)
    if (directory === undefined) return []
    if (!isAbsolute(directory)) return [`http.pages is '${pages}', which is relative, and nothing says to what; write import.meta.resolve('${pages}')`]
    return statSync(directory).isDirectory() ? [] : [`http.pages is '${pages}', which is a file; name the directory that it lies in`]
  } catch (error) {
    return [`http.pages is '${pages}', which cannot be read (${messageOf(error)}); create the directory or correct the setting`]
  }
}
