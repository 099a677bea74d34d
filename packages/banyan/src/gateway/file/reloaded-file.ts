import { existsSync, realpathSync, watch, type FSWatcher } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../model/context.ts'
import type { KeyPair } from '../../security/key-pair.ts'
import type { GatewayConfig } from '../config.ts'
import { mistakeLine, mistakesOf } from './mistake.ts'
import type { ReadOptions } from './read-options.ts'
import { readGatewayFile } from './read.ts'

export interface ReloadedFileOptions extends ReadOptions {
  readonly path: string
  /** What was read from the file already and is served. */
  readonly loaded: GatewayConfig
  /**
   * Puts a configuration in the place of the one before: opens all that is new first, then changes over in one assignment, lets requests of
   * the old one end on it, and disposes of it. Rejects where it cannot be opened, and then nothing has changed.
   */
  readonly load: (config: GatewayConfig) => Promise<void>
  readonly log: Log
  /** A signal of the process that also has it read again; none unless said. */
  readonly signal?: 'SIGHUP'
  readonly clock?: Clock
}

/** What came of reading a file again. `refused`: it is wrong, which the log says with its lines, and what was served is served on. */
export type Reload = 'loaded' | 'unchanged' | 'refused'

/** Editors and tools write in several steps; a file that is half written may look whole. */
const QUIET_MS = 100

/** A gateway file that is read again whenever it changes, one time after the other. Dispose of it to stop; it waits for the reload under way. */
export class ReloadedFile implements AsyncDisposable {
  readonly #options: ReloadedFileOptions
  readonly #path: string
  readonly #stopping = new AbortController()
  readonly #stops: (() => void)[] = []
  /** The folders that are watched. */
  readonly #folders = new Map<string, FSWatcher>()
  /** Certificates in use: they may expire meanwhile, and stay where a renewal is not good. */
  #used: readonly KeyPair[]
  #warned: ReadonlySet<string> = new Set()
  #loaded: string
  /** What was last said to be wrong with it. */
  #complaint: string | undefined
  #last: Promise<unknown> = Promise.resolve()
  /** A reload that has been asked for and has not begun: it will see what whoever asks meanwhile wants it to see. */
  #next: Promise<Reload> | undefined
  /** Changes seen so far. */
  #changes = 0

  private constructor(options: ReloadedFileOptions) {
    this.#options = options
    this.#path = resolve(options.path)
    this.#loaded = JSON.stringify(options.loaded)
    this.#used = pairsOf(options.loaded)
  }

  /** Follows the file from now on. What has changed since it was read is seen as well. */
  static open(options: ReloadedFileOptions): ReloadedFile {
    const file = new ReloadedFile(options)
    file.#watch(dirname(file.#path))
    if (options.signal) file.#hear(options.signal)
    void file.reload()
    return file
  }

  /** Reads the file again, whether it has changed or not. Never rejects. */
  reload(): Promise<Reload> {
    this.#next ??= this.#enqueue()
    return this.#next
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    for (const stop of this.#stops.splice(0)) stop()
    for (const watcher of this.#folders.values()) watcher.close()
    this.#folders.clear()
    await this.#last
  }

  #enqueue(): Promise<Reload> {
    const reload = this.#last.then(() => {
      this.#next = undefined
      return this.#reload()
    })
    this.#last = reload
    return reload
  }

  async #reload(): Promise<Reload> {
    const { load, log, path } = this.#options
    if (this.#stopping.signal.aborted) return 'unchanged'
    try {
      const config = await this.#read()
      const text = JSON.stringify(config)
      const same = text === this.#loaded
      if (!same) await load(config)
      this.#complaint = undefined
      if (same) return 'unchanged'
      this.#loaded = text
      this.#used = pairsOf(config)
      log.info(`${path} was read again and is served`, { routes: config.routes.length, upstreams: Object.keys(config.upstreams).length })
      return 'loaded'
    } catch (error) {
      const mistakes = mistakesOf(error)?.map((mistake) => mistakeLine(path, mistake))
      const complaint = mistakes?.join('\n') ?? messageOf(error)
      // said once: what else happens in its folder, perhaps to the very log, has it read again
      if (complaint === this.#complaint) return 'refused'
      this.#complaint = complaint
      log.error(`${path} was read again and is not served; what was served before still is`, mistakes ? { mistakes } : { error: messageOf(error) })
      return 'refused'
    }
  }

  async #read(): Promise<GatewayConfig> {
    const { log, path } = this.#options
    const warned = new Set<string>()
    const folders = new Set([dirname(this.#path)])
    const config = await readGatewayFile(this.#path, {
      ...this.#options,
      reads: (named) => this.#follow(named, folders),
      warn: (warning) => warned.add(mistakeLine(path, warning)),
      mayHaveExpired: (fingerprint) => this.#used.some((pair) => pair.fingerprint === fingerprint),
      pairBefore: ({ certificate, key }) => this.#used.find(({ sources }) => sources.certificate === certificate && sources.key === key),
    })
    for (const warning of warned) if (!this.#warned.has(warning)) log.warn(warning)
    this.#warned = warned
    this.#keep(folders)
    return config
  }

  /** Where it lies, and where it leads: tools that renew certificates change one or the other. */
  #follow(named: string, folders: Set<string>): void {
    try {
      folders.add(dirname(named))
      if (existsSync(named)) folders.add(dirname(realpathSync(named)))
      for (const folder of folders) this.#watch(folder)
    } catch (error) {
      this.#options.log.warn(`${named} is not watched; send SIGHUP when it has changed`, { error })
    }
  }

  /** Folders are watched, and not files: many editors, and mounted configurations, put another file in the place of one. */
  #watch(folder: string): void {
    if (this.#folders.has(folder) || this.#stopping.signal.aborted || !existsSync(folder)) return
    const { log, path } = this.#options
    const watcher = watch(folder, () => this.#changed())
    this.#folders.set(folder, watcher)
    watcher.on('error', (error) => log.warn(`${path} is not watched any more in ${folder}; restart, or send SIGHUP when it has changed`, { error }))
  }

  /** Folders that nothing lies in any more are let go: where each renewal has a folder of its own, they would only become more. */
  #keep(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#folders) {
      if (folders.has(folder)) continue
      watcher.close()
      this.#folders.delete(folder)
    }
  }

  #hear(signal: 'SIGHUP'): void {
    const heard = () => void this.reload()
    process.on(signal, heard)
    this.#stops.push(() => process.off(signal, heard))
  }

  #changed(): void {
    this.#changes++
    if (this.#changes === 1) void this.#whenQuiet()
  }

  async #whenQuiet(): Promise<void> {
    const { clock = systemClock } = this.#options
    for (let seen = 0; seen !== this.#changes && !this.#stopping.signal.aborted;) {
      seen = this.#changes
      await clock.wait(QUIET_MS, this.#stopping.signal)
    }
    this.#changes = 0
    await this.reload()
  }
}

function pairsOf({ tls, upstreams }: GatewayConfig): readonly KeyPair[] {
  const shown = (tls?.certificates ?? []).map(({ pair }) => pair)
  return [...shown, ...Object.values(upstreams).flatMap((upstream) => upstream.tls?.pair ?? [])]
}
