import { WireFault } from './frame-reader.ts'

/** What the sides of a connection say of themselves, first of all. What a side does not know of it is ignored. */
export interface Hello {
  /** Bytes of an input that it takes. */
  readonly inputBytes?: number
}

/** Throws `WireFault` for what is no greeting. */
export function readHello(text: string): Hello {
  const said = json(text) as Partial<Hello> | undefined
  if (typeof said !== 'object' || said === null) throw new WireFault(`a greeting that is no JSON object: ${text.slice(0, 100)}`)
  const { inputBytes } = said
  if (inputBytes === undefined) return {}
  if (!Number.isSafeInteger(inputBytes) || inputBytes < 0) throw new WireFault(`a greeting with inputBytes ${JSON.stringify(inputBytes)}`)
  return { inputBytes }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // told by the caller of this function, with the text
  }
}

/** Whether a text has more bytes in UTF-8; those that are far from it are not counted. */
export function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes
}
