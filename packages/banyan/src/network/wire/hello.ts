import { WireFault } from './frame-reader.ts'
import type { Prints } from './prints.ts'

/** What the sides of a connection say of themselves, first of all. What a side does not know of it is ignored. */
export interface Hello {
  /** Bytes of an input that it takes. */
  readonly inputBytes?: number
  /** The contracts that it knows. */
  readonly operations?: Prints
  /** Whether it takes word of where a cached answer came from. */
  readonly facts?: boolean
}

/** Throws `WireFault` for what is no greeting. */
export function readHello(text: string): Hello {
  const said = json(text) as Partial<Hello> | undefined
  if (typeof said !== 'object' || said === null) throw new WireFault(`a greeting that is no JSON object: ${text.slice(0, 100)}`)
  const { inputBytes, operations, facts } = said
  if (inputBytes !== undefined && (!Number.isSafeInteger(inputBytes) || inputBytes < 0))
    throw new WireFault(`a greeting with inputBytes ${JSON.stringify(inputBytes)}`)
  if (operations !== undefined && !arePrints(operations)) throw new WireFault('a greeting whose operations are not texts by name')
  return { ...(inputBytes !== undefined && { inputBytes }), ...(operations && { operations }), ...(facts === true && { facts }) }
}

function arePrints(said: unknown): said is Prints {
  return typeof said === 'object' && said !== null && Object.values(said).every((print) => typeof print === 'string')
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
