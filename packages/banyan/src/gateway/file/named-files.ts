import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { Authorities, KeyPair } from '../../security/key-pair.ts'
import type { GatewayDocument } from './document.ts'
import type { Path } from './pointer.ts'
import type { ReadOptions } from './read-options.ts'

const DAY_MS = 86_400_000
/** Days before its end that a certificate is warned of. */
const WARNING_DAYS = 14

export interface WrittenKeyPair {
  readonly certificate: string
  readonly key: string
}

/** The files that a gateway file names. What is wrong with them is noted where they are named. */
export class NamedFiles {
  readonly #document: GatewayDocument
  readonly #directory: string
  readonly #options: Pick<ReadOptions, 'reads' | 'mayHaveExpired'>

  constructor(document: GatewayDocument, directory: string, options: Pick<ReadOptions, 'reads' | 'mayHaveExpired'>) {
    this.#document = document
    this.#directory = directory
    this.#options = options
  }

  /** `undefined` where they are no pair, which is noted. */
  keyPair({ certificate, key }: WrittenKeyPair, path: Path): KeyPair | undefined {
    const cert = this.#text(certificate, [...path, 'certificate'])
    const secret = this.#text(key, [...path, 'key'])
    if (cert === undefined || secret === undefined) return undefined
    const pair = this.#made([...path, 'certificate'], () => new KeyPair(cert, secret, { certificate, key }))
    if (pair) this.#checkExpiry(pair, [...path, 'certificate'], certificate)
    return pair
  }

  /** `undefined` where they are none, which is noted. */
  authorities(ca: string, path: Path): Authorities | undefined {
    const text = this.#text(ca, path)
    return text === undefined ? undefined : this.#made(path, () => new Authorities(text, ca))
  }

  /** Where one lies that is read elsewhere; it is followed as the others are. */
  place(name: string): string {
    const file = resolve(this.#directory, name)
    this.#options.reads?.(file)
    return file
  }

  #text(name: string, path: Path): string | undefined {
    const file = this.place(name)
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      const why = messageOf(error)
      this.#document.reject(
        path,
        `is ${this.#document.quote(path, name)}, which cannot be read: ${why}; it is the path of a PEM file, from the folder of this one`,
      )
      return undefined
    }
  }

  #made<Made>(path: Path, make: () => Made): Made | undefined {
    try {
      return make()
    } catch (error) {
      if (!BanyanError.is(error)) throw error
      this.#document.reject(path, `is not good: ${error.message}`)
      return undefined
    }
  }

  #checkExpiry({ expires, fingerprint }: KeyPair, path: Path, name: string): void {
    const left = expires.getTime() - Date.now()
    const day = expires.toISOString().slice(0, 10)
    if (left > WARNING_DAYS * DAY_MS) return
    if (left > 0) return this.#document.warn(path, `is '${name}', which expires on ${day}; have it renewed`)
    const message = `is '${name}', which has expired on ${day}: nobody will trust it; have it renewed`
    if (this.#options.mayHaveExpired?.(fingerprint) ?? true) this.#document.warn(path, message)
    else this.#document.reject(path, message)
  }
}
