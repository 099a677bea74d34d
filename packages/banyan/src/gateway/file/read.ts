import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import type { GatewayConfig } from '../config.ts'
import { configOf } from './config-of.ts'
import type { ReadOptions } from './read-options.ts'

/** Bytes of a gateway file: some ten thousand routes. */
const MAX_BYTES = 1 << 20

/**
 * Reads a gateway file. Throws `invalid_configuration` with every mistake in it, each with its line (`mistakesOf`), or that says why the
 * file cannot be read.
 */
export async function readGatewayFile(path: string, options: ReadOptions): Promise<GatewayConfig> {
  return gatewayConfig(await readText(path), { ...options, path })
}

/** The configuration that the text of a gateway file stands for; `path` is what messages call it, and where it lies. Throws as `readGatewayFile` does. */
export function gatewayConfig(text: string, options: ReadOptions & { readonly path: string }): GatewayConfig {
  const { path, parts = { directory: dirname(path) } } = options
  return configOf(text, { ...options, parts, name: basename(path) })
}

/** The text of a file, of at most a megabyte. Throws `invalid_configuration` where it cannot be had. */
export async function readText(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    if (size > MAX_BYTES)
      throw new BanyanError('invalid_configuration', `${path} has ${size} bytes; a gateway file has at most ${MAX_BYTES}. Split it into several gateways`)
    return await file.readFile('utf8')
  } catch (error) {
    if (BanyanError.is(error)) throw error
    throw new BanyanError('invalid_configuration', `the gateway file ${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
