import { readFileSync, statSync } from 'node:fs'
import { parse } from 'yaml'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import { modernDocument, type Node } from './modern-document.ts'

/** Bytes of an OpenAPI document. */
const MAX_BYTES = 4 << 20
/** Uses of anchors, counted with all that they hold. */
const MAX_ALIASES = 100

/**
 * Reads the OpenAPI document (3.0 or 3.1, as YAML or JSON) of a foreign server, in the form of 3.1. Throws `invalid_configuration` where it
 * is none, or points outside of itself.
 */
export function readDocument(path: string): Node {
  const document = modernDocument(parsed(path))
  const { openapi, paths } = document as { openapi?: unknown; paths?: unknown }
  if (typeof openapi !== 'string' || !/^3\.[01]\./.test(openapi))
    throw new BanyanError('invalid_configuration', `${path} says openapi: ${JSON.stringify(openapi) ?? 'nothing'}; it is a document of version 3.0 or 3.1`)
  if (!isNode(paths)) throw new BanyanError('invalid_configuration', `${path} has no paths, so it describes nothing`)
  checkReferences(document, path)
  return document
}

function parsed(path: string): Node {
  let document: unknown
  try {
    const { size } = statSync(path)
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, and at most ${MAX_BYTES} are read`)
    // JSON is YAML
    document = parse(readFileSync(path, 'utf8'), { version: '1.2', maxAliasCount: MAX_ALIASES })
  } catch (error) {
    throw new BanyanError('invalid_configuration', `the OpenAPI document ${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  if (!isNode(document)) throw new BanyanError('invalid_configuration', `${path} is no OpenAPI document`)
  return document
}

function checkReferences(document: Node, path: string): void {
  for (const reference of referencesIn(document)) {
    const [, kind, name] = /^#\/components\/([^/]+)\/([^/]+)$/.exec(reference) ?? []
    if (kind === undefined || name === undefined)
      throw new BanyanError(
        'invalid_configuration',
        `${path} has the $ref '${reference}'; only those to its own #/components/… are followed, so bundle it first`,
      )
    if (nodeAt(nodeAt(document, 'components'), kind)[decoded(name)] === undefined)
      throw new BanyanError('invalid_configuration', `${path} has the $ref '${reference}', and nothing stands there`)
  }
}

function referencesIn(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(referencesIn)
  if (!isNode(node)) return []
  return Object.entries(node).flatMap(([key, value]) => (key === '$ref' && typeof value === 'string' ? [value] : referencesIn(value)))
}

/** A name within a JSON Pointer (RFC 6901 §3). */
export function decoded(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What stands under a key, as an object; an empty one where it is something else. */
export function nodeAt(node: Node, key: string): Node {
  const value = node[key]
  return isNode(value) ? value : {}
}
