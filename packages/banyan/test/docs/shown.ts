/** What differs from run to run: the first kinds are the same thing wherever they stand on a page, the last are a measure. */
const things = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b|(?<=process )\d+/
const measures = /\d{4}-\d\d-\d\dT[\d:.]+Z|\b\d\d:\d\d:\d\d\.\d{3}\b|(?<=port )\d+|(?<=127\.0\.0\.1:)\d+|\b\d+(?:\.\d+)? m?s\b/
const thing = /^(?:\d+|[0-9a-f-]{32,36})$/
const varying = new RegExp(`${things.source}|${measures.source}`, 'g')

/** What a page shows, held against what comes out: ids, times and ports aside, but an id is the same one each time it stands there. */
export class Shown {
  readonly #actual: Map<string, string>

  /** `known`: what stands for something else from the start, such as a port. */
  constructor(known: Readonly<Record<string, string>>) {
    this.#actual = new Map(Object.entries(known))
  }

  /** A command as it is typed here, where ids and ports are others. */
  command(text: string): string {
    if (this.#actual.size === 0) return text
    const words = [...this.#actual.keys()].map(literal).join('|')
    return text.replaceAll(new RegExp(String.raw`(?<![\w-])(?:${words})(?![\w-])`, 'g'), (shown) => this.#actual.get(shown)!)
  }

  /** Whether a text is, or `within`: contains, what is shown; a line `…` stands for any lines. Remembers what ids are here. */
  matches(shown: string, text: string, within: boolean): boolean {
    const groups: string[] = []
    const body = shown
      .trimEnd()
      .split('\n')
      .map((line) => (line === '…' ? '(?:.*\\n)*?' : `${this.#line(line.trimEnd(), groups)} *\\n`))
      .join('')
    const match = new RegExp(within ? `^${body}` : `^${body}$`, within ? 'm' : '').exec(`${text.trimEnd()}\n`)
    groups.forEach((id, index) => match && this.#actual.set(id, match[index + 1]!))
    return match !== null
  }

  #line(line: string, groups: string[]): string {
    const text = this.command(line)
    let pattern = ''
    let end = 0
    for (const { 0: found, index } of text.matchAll(varying)) {
      pattern += literal(text.slice(end, index)) + this.#varying(found, groups)
      end = index + found.length
    }
    return pattern + literal(text.slice(end))
  }

  #varying(found: string, groups: string[]): string {
    if ([...this.#actual.values()].includes(found)) return literal(found)
    if (!thing.test(found)) return String.raw`[\d.:TZ-]+(?: m?s)?`
    const before = groups.indexOf(found)
    if (before === -1) groups.push(found)
    return before === -1 ? String.raw`([\w-]+)` : `\\${before + 1}`
  }
}

/** Columns are as wide as what stands in them, so how many spaces there are does not matter where there are several. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/ {2,}/g, ' {2,}')
}
