import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type Node, type Scalar } from 'yaml'
import type { Path } from './pointer.ts'

/** Where the parts of a YAML document stand in its text: offsets from 0. Aliases are followed to what they stand for. */
export class Places {
  readonly #document: Document

  constructor(document: Document) {
    this.#document = document
  }

  node(path: Path): Node | undefined {
    const { contents } = this.#document
    return path.reduce<Node | undefined>((node, step) => childOf(this.#resolved(node), step), isNode(contents) ? contents : undefined)
  }

  /** Where what is at a path begins, or what is nearest above it and exists. */
  offset(path: Path): number {
    const node = this.node(path)
    if (node === undefined) return path.length === 0 ? 0 : this.offset(path.slice(0, -1))
    // where nothing was written after a key, the key is what one looks for
    const nothing = isScalar(node) && node.source === ''
    return (nothing ? this.keyOffset(path) : undefined) ?? node.range?.[0] ?? 0
  }

  /** Where the key of what is at a path begins; `undefined` in a list. */
  keyOffset(path: Path): number | undefined {
    const map = this.#resolved(this.node(path.slice(0, -1)))
    const pair = isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === String(path.at(-1))) : undefined
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined
  }

  /** Every scalar that is a value, with its path; those behind aliases once, where they are written. */
  scalars(): readonly { readonly path: Path; readonly node: Scalar }[] {
    const { contents } = this.#document
    return isNode(contents) ? scalarsBelow(contents, []) : []
  }

  #resolved(node: Node | undefined): Node | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node
  }
}

function childOf(node: Node | undefined, step: string | number): Node | undefined {
  const child: unknown = isMap(node) ? node.get(String(step), true) : isSeq(node) ? node.get(step, true) : undefined
  return isNode(child) ? child : undefined
}

function scalarsBelow(node: unknown, path: Path): { readonly path: Path; readonly node: Scalar }[] {
  if (isScalar(node)) return [{ path, node }]
  if (isMap(node)) return node.items.flatMap(({ key, value }) => scalarsBelow(value, [...path, isScalar(key) ? String(key.value) : '']))
  if (isSeq(node)) return node.items.flatMap((item, index) => scalarsBelow(item, [...path, index]))
  return []
}
