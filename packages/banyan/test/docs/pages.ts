import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { repositoryFiles, root } from '../house/source.ts'

/** A page of the documentation. */
export interface Page {
  /** Below the repository. */
  readonly path: string
  readonly text: string
}

/** A fenced block of a page. */
export interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  /** The file that its first line names, as in `// loans/copy.ts` or `-- loans/migrations/0001_hold.sql`. */
  readonly file: string | undefined
  /** Without the line that names the file. */
  readonly code: string
}

export const files: readonly string[] = repositoryFiles()

/** What newcomers read: the READMEs, ARCHITECTURE.md and everything in docs. */
export function pages(): readonly Page[] {
  const wanted = /^(?:(?:packages\/banyan\/|examples\/[\w-]+\/|benchmarks\/)?README\.md|ARCHITECTURE\.md|docs\/.*\.md)$/
  return files.filter((path) => wanted.test(path)).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

export function blocksOf({ path, text }: Page): readonly Block[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(({ 1: language, 2: body, index }) => {
    const [, file] = /^(?:\/\/|--) ([\w./-]+\.(?:ts|sql))\n/.exec(body!) ?? []
    const code = file === undefined ? body! : body!.slice(body!.indexOf('\n') + 1)
    return { page: path, line: text.slice(0, index).split('\n').length, language: language!, file, code }
  })
}

/** Relative links of a page, each as the path below the repository that it leads to. */
export function linksOf({ path, text }: Page): readonly string[] {
  const prose = withoutBlocks(text)
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"/g)].map(([, link, picture]) => (link ?? picture)!)
  const relative = targets.filter((target) => !/^(?:[a-z]+:|#)/.test(target)).map((target) => target.replace(/#.*/, ''))
  return relative.map((target) => posix.normalize(posix.join(dirname(path), target)))
}

/** Paths of files and folders that a page names between backticks. A lone name such as `service.ts` is none. */
export function pathsOf({ text }: Page): readonly string[] {
  const named = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
  return named.filter((code) => /^(?:[\w@.-]+\/)+(?:[\w.-]+\.(?:tsx?|js|sql|md|json|txt|svg|ya?ml))?$/.test(code))
}

/** Whether the repository has it: whole, or as the end of a path, which is how pages shorten them. */
export function exists(path: string): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`
  return files.some((file) => `/${file}`.endsWith(`/${path}`) || `/${file}`.includes(`/${folder}`))
}

function withoutBlocks(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, '')
}
