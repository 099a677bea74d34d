import { watch, type FSWatcher } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

const skipped = new Set(['node_modules', 'dist', 'coverage'])

/** Whether a change of a file may change what runs: sources, SQL and settings; tests are none of it. */
export function matters(file: string): boolean {
  return /\.(?:[cm]?[jt]s|json|sql|ya?ml)$/.test(file) && !/\.test\.[cm]?[jt]s$/.test(file)
}

/** The source files below a folder, as they change. */
export class FileWatcher implements Disposable {
  readonly #root: string
  readonly #folders = new Map<string, FSWatcher>()
  readonly #changed = new Set<string>()
  #wake: (() => void) | undefined
  #closed = false

  private constructor(root: string) {
    this.#root = root
  }

  /** Watches everything below `root` but hidden folders, node_modules, dist and coverage. */
  static async open(root: string): Promise<FileWatcher> {
    const watcher = new FileWatcher(root)
    await watcher.#enter(root)
    return watcher
  }

  /**
   * The files, relative to the folder, that have changed since the last answer; waits for one, then until `quietMs` have passed without
   * another, since editors and tools write many at once. Nothing when the signal aborts.
   */
  async next(signal: AbortSignal, quietMs = 100): Promise<readonly string[]> {
    while (this.#changed.size === 0 && !signal.aborted) await this.#change(signal)
    while (!signal.aborted && (await this.#change(AbortSignal.any([signal, AbortSignal.timeout(quietMs)])))) continue
    const files = [...this.#changed].sort()
    this.#changed.clear()
    return signal.aborted ? [] : files
  }

  [Symbol.dispose](): void {
    this.#closed = true
    for (const folder of this.#folders.values()) folder.close()
    this.#folders.clear()
  }

  /** One folder at a time: watching recursively is slow where the system has no such thing, and would enter node_modules. */
  async #enter(folder: string): Promise<void> {
    if (this.#closed || this.#folders.has(folder)) return
    const watcher = watch(folder, (_event, name) => void (name !== null && this.#seen(folder, name)))
    watcher.on('error', () => this.#leave(folder))
    this.#folders.set(folder, watcher)
    const entries = await readdir(folder, { withFileTypes: true })
    await Promise.all(entries.filter((entry) => entry.isDirectory() && enterable(entry.name)).map((entry) => this.#enter(join(folder, entry.name))))
  }

  #leave(folder: string): void {
    this.#folders.get(folder)?.close()
    this.#folders.delete(folder)
  }

  #seen(folder: string, name: string): void {
    const path = join(folder, name)
    if (matters(name)) {
      this.#changed.add(relative(this.#root, path))
      this.#wake?.()
    } else if (enterable(name)) void this.#enterNew(path)
  }

  /** A folder that has come, gone or come again; files that came with it have changed as well. */
  async #enterNew(path: string): Promise<void> {
    try {
      const files = await readdir(path, { recursive: true })
      this.#leave(path)
      await this.#enter(path)
      for (const file of files.filter(
        (file) =>
          matters(file) &&
          dirname(file)
            .split(sep)
            .every((name) => name === '.' || enterable(name)),
      ))
        this.#seen(path, file)
    } catch {
      // a file without a suffix that matters, or gone again
      this.#leave(path)
    }
  }

  /** Resolves to true with the next change, to false when the signal aborts first. */
  #change(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false)
      const end = (changed: boolean) => {
        signal.removeEventListener('abort', aborted)
        this.#wake = undefined
        resolve(changed)
      }
      const aborted = () => end(false)
      signal.addEventListener('abort', aborted)
      this.#wake = () => end(true)
    })
  }
}

function enterable(name: string): boolean {
  return !name.startsWith('.') && !skipped.has(name)
}
