import { createHash } from 'node:crypto'
import { constants, type BigIntStats } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import { join, sep } from 'node:path'

export interface PageFile {
  readonly name: string
  readonly bytes: Buffer
  /** Changes with the content and with nothing else, so that it is the same in every replica. */
  readonly etag: string
}

interface Kept {
  readonly stamp: string
  readonly file: PageFile
}

/** Bytes of files that are kept in memory. */
const KEPT_BYTES = 32 * 1024 * 1024

/**
 * The files of a directory. Each is looked at anew for every request, so an edit shows at once; its bytes are kept in memory as long as
 * it has not changed. Files are read whole: they are pages, not films.
 */
export class PageFiles {
  readonly #directory: string
  readonly #kept = new Map<string, Kept>()
  readonly #capacity: number
  #bytes = 0

  constructor(directory: string, capacity: number = KEPT_BYTES) {
    this.#directory = directory
    this.#capacity = capacity
  }

  /** The file that these names lead to; `undefined` where there is none, and where links lead out of the directory. */
  async find(names: readonly string[]): Promise<PageFile | undefined> {
    const handle = await opened(this.#directory, names)
    if (!handle) return undefined
    await using _closed = handle
    const stats = await handle.stat({ bigint: true })
    return stats.isFile() ? this.#read(names.join('/'), handle, stats) : undefined
  }

  async #read(path: string, handle: FileHandle, { ino, size, mtimeNs, ctimeNs }: BigIntStats): Promise<PageFile> {
    const stamp = `${ino} ${size} ${mtimeNs} ${ctimeNs}`
    const kept = this.#kept.get(path)
    if (kept?.stamp === stamp) return kept.file
    const bytes = await handle.readFile()
    const file = { name: path, bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
    this.#keep(path, { stamp, file })
    return file
  }

  #keep(path: string, kept: Kept): void {
    this.#forget(path)
    if (kept.file.bytes.length > this.#capacity) return
    this.#kept.set(path, kept)
    this.#bytes += kept.file.bytes.length
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#capacity) return
      this.#forget(oldest)
    }
  }

  #forget(path: string): void {
    this.#bytes -= this.#kept.get(path)?.file.bytes.length ?? 0
    this.#kept.delete(path)
  }
}

async function opened(directory: string, names: readonly string[]): Promise<FileHandle | undefined> {
  try {
    const root = await realpath(directory)
    const path = await realpath(join(root, ...names))
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined
    // not waiting: opening a named pipe would otherwise wait for its writer
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

const absent: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'ENXIO'])
