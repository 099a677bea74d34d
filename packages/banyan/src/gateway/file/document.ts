import { LineCounter, parseDocument, type Document, type Node } from 'yaml'
import { messageOf } from '../../kernel/errors.ts'
import { fillVariables, namesVariables } from './environment.ts'
import type { Mistake } from './mistake.ts'
import { Places } from './places.ts'
import { pathText, type Path } from './pointer.ts'
import type { EnvironmentVariables } from './read-options.ts'

/** Uses of anchors, counted with all that they hold: enough for any honest file, too few to blow one up. */
const MAX_ALIASES = 100
/** Characters of a value that a message quotes. */
const QUOTED = 60

/** The text of a gateway file, read as YAML 1.2, with variables filled in. It knows where everything stands, and collects what is wrong. */
export class GatewayDocument {
  readonly mistakes: Mistake[] = []
  readonly warnings: Mistake[] = []
  /** As JSON has it; `undefined` where the text could not be read. */
  readonly value: unknown
  readonly #lines = new LineCounter()
  readonly #places: Places
  /** Scalars that variables were filled into, as they stand in the file. */
  readonly #written = new Map<Node, string>()
  readonly #unset = new Set<Node>()

  constructor(text: string, env: EnvironmentVariables) {
    const document = parse(text, this.#lines)
    this.#places = new Places(document)
    for (const { message, offset } of syntaxMistakes(document, text)) this.#note(offset, message)
    if (this.mistakes.length > 0) return
    this.#fill(env)
    this.value = this.#toValue(document)
  }

  /** Notes what is wrong with what stands at a path. The message goes on from its name: `is 'blgo'; …`. */
  reject(path: Path, message: string): void {
    const node = this.#places.node(path)
    // what a missing variable would have been is not judged
    if (node !== undefined && this.#unset.has(node)) return
    this.#note(this.#places.offset(path), `${pathText(path)} ${message}`)
  }

  /** Notes what is no mistake and yet hardly meant. */
  warn(path: Path, message: string): void {
    this.warnings.push(this.#at(this.#places.offset(path), `${pathText(path)} ${message}`))
  }

  /** Notes what is wrong with a key of a map, where the key stands. */
  rejectKey(path: Path, message: string): void {
    this.#note(this.#places.keyOffset(path) ?? this.#places.offset(path), `${pathText(path)} ${message}`)
  }

  /** The line of what stands at a path, or of what is nearest above it; from 1. */
  line(path: Path): number {
    return this.#lines.linePos(this.#places.offset(path)).line
  }

  /** How what stands at a path is quoted in messages: by the names of its variables where it has some, since these may be secret. */
  quote(path: Path, value: unknown): string {
    const node = this.#places.node(path)
    const written = node && this.#written.get(node)
    if (written !== undefined) return `'${shortened(written)}'`
    return typeof value === 'string' ? `'${shortened(value)}'` : shortened(JSON.stringify(value) ?? 'nothing')
  }

  /** Whether variables were filled into the text at a path. */
  isFilled(path: Path): boolean {
    const node = this.#places.node(path)
    return node !== undefined && this.#written.has(node)
  }

  #fill(env: EnvironmentVariables): void {
    for (const { path, node } of this.#places.scalars()) {
      if (typeof node.value !== 'string' || !namesVariables(node.value)) continue
      const { text, problems } = fillVariables(node.value, env)
      this.#written.set(node, node.value)
      node.value = text
      for (const problem of problems) this.reject(path, problem)
      if (problems.length > 0) this.#unset.add(node)
    }
  }

  #toValue(document: Document): unknown {
    try {
      return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown
    } catch (error) {
      this.#note(0, `the anchors of the file are not followed (${messageOf(error)}); write out what they stand for`)
      return undefined
    }
  }

  #note(offset: number, message: string): void {
    this.mistakes.push(this.#at(offset, message))
  }

  #at(offset: number, message: string): Mistake {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col), message }
  }
}

function parse(text: string, lineCounter: LineCounter): Document {
  return parseDocument(text, { version: '1.2', lineCounter, prettyErrors: false, stringKeys: true })
}

/** The first thing that is no YAML, since those behind it mostly follow from it, and every key that is written twice. */
function syntaxMistakes({ errors }: Document, text: string): readonly { readonly message: string; readonly offset: number }[] {
  const first = errors.find(({ code }) => code !== 'DUPLICATE_KEY')
  return errors
    .filter((error) => error === first || error.code === 'DUPLICATE_KEY')
    .map(({ code, message, pos: [offset] }) => {
      if (code === 'DUPLICATE_KEY') return { offset, message: `${keyAt(text, offset)} is written twice in the same place; keep one` }
      // within braces and brackets, a brace in a text has to be quoted
      const unquoted = text[offset] === '{' && text[offset - 1] === '$'
      return { offset, message: unquoted ? "a variable within { } or [ ] stands in quotes: '${NAME}'" : `this is not YAML: ${message}` }
    })
}

function keyAt(text: string, offset: number): string {
  return /^[^\s:]+/.exec(text.slice(offset))?.[0] ?? 'a key'
}

function shortened(text: string): string {
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text
}
