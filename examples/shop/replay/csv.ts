/** A record of a CSV file, and the line of the file it begins in, from 1. */
export interface CsvRecord {
  readonly line: number
  readonly fields: readonly string[]
}

/** What is wrong with a file, and in which line. */
export class MalformedFile extends Error {
  override readonly name = 'MalformedFile'

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`)
  }
}

/** Longer than any sensible record: a quote that is never closed must not take the rest of the file into memory. */
const LONGEST = 65_536
const [QUOTE, COMMA, LF, CR] = [34, 44, 10, 13]

/**
 * Reads CSV as RFC 4180 has it, with lines ended by LF or CRLF. Takes the text piece by piece and keeps no more of it than the record
 * that is not complete yet. Throws `MalformedFile`.
 */
export class CsvReader {
  #text = ''
  #at = 0
  #line = 1
  #fields: string[] = []

  /** The line that the next record begins in. */
  get line(): number {
    return this.#line
  }

  /** The records that are complete with this piece of text. */
  read(piece: string): CsvRecord[] {
    this.#text = this.#text.slice(this.#at) + piece
    this.#at = 0
    const records: CsvRecord[] = []
    for (let record = this.#next(false); record; record = this.#next(false)) records.push(record)
    if (this.#text.length - this.#at > LONGEST) throw new MalformedFile(this.#line, `the record that begins here has not ended after ${LONGEST} characters`)
    return records
  }

  /** What is left when there is no more text: the last record of a file that does not end with a line break. */
  end(): CsvRecord[] {
    const record = this.#at < this.#text.length ? this.#next(true) : undefined
    return record ? [record] : []
  }

  #next(last: boolean): CsvRecord | undefined {
    const text = this.#text
    this.#fields = []
    let at = this.#at
    let breaks = 0
    for (;;) {
      const end = text.charCodeAt(at) === QUOTE ? this.#quoted(at, last) : this.#plain(at, last)
      if (end === undefined) return undefined
      breaks += text.charCodeAt(at) === QUOTE ? count(text, at, end) : 0
      const after = text.charCodeAt(end)
      at = end + 1
      if (after === COMMA) continue
      if (after === CR) at++
      const record = { line: this.#line, fields: this.#fields }
      this.#at = at
      this.#line += breaks + 1
      return record
    }
  }

  /** Where the field ends: at a comma, a line break or the end of the file; `undefined` when that is not known yet. */
  #plain(from: number, last: boolean): number | undefined {
    const text = this.#text
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) throw new MalformedFile(this.#line, `a quote inside a field that does not begin with one: ${shown(text.slice(from, at + 1))}`)
      if (code !== COMMA && code !== LF && code !== CR) continue
      if (code === CR && at + 1 === text.length && !last) return undefined
      if (code === CR && text.charCodeAt(at + 1) !== LF) throw new MalformedFile(this.#line, 'a carriage return without a line feed')
      this.#fields.push(text.slice(from, at))
      return at
    }
    if (!last) return undefined
    this.#fields.push(text.slice(from))
    return text.length
  }

  #quoted(from: number, last: boolean): number | undefined {
    const text = this.#text
    let close = text.indexOf('"', from + 1)
    let escaped = false
    while (close !== -1 && text.charCodeAt(close + 1) === QUOTE) {
      escaped = true
      close = text.indexOf('"', close + 2)
    }
    if (close === -1 && last) throw new MalformedFile(this.#line, 'a quote is never closed')
    // the character behind it decides whether it closes
    if (close === -1 || (close + 2 > text.length - 1 && !last)) return undefined
    const value = text.slice(from + 1, close)
    const [after, next] = [text.charCodeAt(close + 1), text.charCodeAt(close + 2)]
    if (close + 1 < text.length && after !== COMMA && after !== LF && !(after === CR && next === LF))
      throw new MalformedFile(this.#line, `something follows a closing quote: ${shown(text.slice(from, close + 2))}`)
    this.#fields.push(escaped ? value.replaceAll('""', '"') : value)
    return close + 1
  }
}

function count(text: string, from: number, to: number): number {
  let breaks = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) breaks++
  return breaks
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
