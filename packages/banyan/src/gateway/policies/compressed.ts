import { pipeline, type Readable, type Transform } from 'node:stream'
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib'

/** Content codings by their names in HTTP (RFC 9110 §8.4.1, RFC 7932, RFC 8878). */
export type Coding = 'br' | 'zstd' | 'gzip'

interface Encoder extends Transform {
  flush(kind: number): void
}

/** How hard each tries: what pays while somebody waits; and what makes it give out all that it holds. */
const encoders: Readonly<Record<Coding, { readonly make: () => Encoder; readonly flush: number }>> = {
  br: {
    make: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 } }),
    flush: constants.BROTLI_OPERATION_FLUSH,
  },
  zstd: { make: () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } }), flush: constants.ZSTD_e_flush },
  gzip: { make: () => createGzip({ level: 6 }), flush: constants.Z_SYNC_FLUSH },
}

/**
 * A body, compressed as it is read and read no faster than it is taken. What has come is given out as soon as nothing more follows at once,
 * so that an event arrives when it is sent. A body that breaks off breaks this one off.
 */
export function compressed(body: Readable, coding: Coding): Readable {
  const { make, flush } = encoders[coding]
  const encoder = make()
  let waiting: NodeJS.Immediate | undefined
  // an error destroys both, and who reads the encoder hears of it
  pipeline(body, encoder, () => clearImmediate(waiting))
  body.on('data', () => {
    waiting ??= setImmediate(() => {
      waiting = undefined
      if (!encoder.writableEnded && !encoder.destroyed) encoder.flush(flush)
    })
  })
  return encoder
}
