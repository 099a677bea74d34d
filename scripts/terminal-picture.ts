import { stripVTControlCharacters } from 'node:util'

export interface PictureOptions {
  /** What it shows, for whoever does not see it. */
  readonly title: string
  /** Characters of a line; longer ones are an error, so that nothing is cut off unseen. */
  readonly columns: number
}

/** A stretch of text that is written alike, and where it begins. */
interface Run {
  readonly column: number
  readonly text: string
  readonly styles: readonly string[]
}

const FONT = 13
const ADVANCE = 7.8
const LEADING = 19
const PADDING = 16

/** By day and by night. Each can be read on the page it stands on: a contrast of 4.5 at least (WCAG 2.2, 1.4.3). */
export const colours = {
  page: ['#f6f8fa', '#0d1117'],
  edge: ['#d1d9e0', '#3d444d'],
  text: ['#1f2328', '#e6edf3'],
  dim: ['#59636e', '#9198a1'],
  red: ['#c21c2c', '#ff7b72'],
  green: ['#116f2b', '#56d364'],
  yellow: ['#855300', '#e3b341'],
  blue: ['#0759b8', '#79c0ff'],
  magenta: ['#7a3fc4', '#d2a8ff'],
  cyan: ['#0f6674', '#56d4dd'],
} as const

/** What the terminal codes of our own programs (SGR, ECMA-48) turn on. */
const on: Readonly<Record<number, string>> = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow', 34: 'blue', 35: 'magenta', 36: 'cyan' }
/** And what ends what. */
const off: Readonly<Record<number, readonly string[]>> = {
  0: Object.values(on),
  22: ['bold', 'dim'],
  39: ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'],
}

/** A picture, as SVG, of what programs wrote to a terminal, colours included. Every run of text has its place, whatever font draws it. */
export function terminalPicture(written: string, { title, columns }: PictureOptions): string {
  const lines = written.replace(/\n+$/, '').split('\n')
  const width = 2 * PADDING + Math.ceil(columns * ADVANCE)
  const height = 2 * PADDING + lines.length * LEADING
  const drawn = paint(lines).flatMap((runs, line) => (runs.length === 0 ? [] : [text(runs, line)]))
  checkLengths(lines, columns)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${sheet(0)}.bold{font-weight:bold}@media (prefers-color-scheme:dark){${sheet(1)}}</style>`,
    `<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    `<g class="text" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}">`,
    ...drawn,
    '</g>',
    '</svg>\n',
  ].join('\n')
}

/** The runs of each line; a style stays on over line ends until something ends it. */
function paint(lines: readonly string[]): readonly (readonly Run[])[] {
  const styles = new Set<string>()
  return lines.map((line) => {
    const runs: Run[] = []
    let column = 0
    for (const [part, codes] of line.matchAll(/\u001B\[([\d;]*)m|[^\u001B]+/g)) {
      if (codes !== undefined) {
        for (const code of codes.split(';')) turn(styles, Number(code))
        continue
      }
      // where two spaces stand, a column begins: what follows is placed anew
      for (const { 0: words, index } of part.matchAll(/\S+(?: \S+)*/g)) {
        runs.push({ column: column + lengthOf(part.slice(0, index)), text: words, styles: [...styles] })
      }
      column += lengthOf(part)
    }
    return runs
  })
}

function turn(styles: Set<string>, code: number): void {
  const style = on[code]
  const ended = off[code]
  if (style === undefined && ended === undefined) throw new Error(`the picture does not know terminal code ${code}; add it to the styles`)
  if (style !== undefined) styles.add(style)
  for (const other of ended ?? []) styles.delete(other)
}

function text(runs: readonly Run[], line: number): string {
  const y = PADDING + line * LEADING + FONT + 1
  const spans = runs.map(({ column, text, styles }) => {
    const place = `x="${round(PADDING + column * ADVANCE)}" textLength="${round(lengthOf(text) * ADVANCE)}" lengthAdjust="spacingAndGlyphs"`
    return `<tspan ${place}${styles.length === 0 ? '' : ` class="${styles.join(' ')}"`}>${escaped(text)}</tspan>`
  })
  return `<text y="${y}">${spans.join('')}</text>`
}

function sheet(scheme: 0 | 1): string {
  const { page, edge, ...inks } = colours
  const rules = Object.entries(inks).map(([name, shades]) => `.${name}{fill:${shades[scheme]}}`)
  return [`.page{fill:${page[scheme]};stroke:${edge[scheme]}}`, ...rules].join('')
}

function checkLengths(lines: readonly string[], columns: number): void {
  const long = lines.map(stripVTControlCharacters).find((line) => lengthOf(line) > columns)
  if (long !== undefined) throw new Error(`a line has ${lengthOf(long)} characters, and the picture ${columns} columns: ${long}`)
}

function lengthOf(text: string): number {
  return [...text].length
}

function round(points: number): string {
  return String(Math.round(points * 10) / 10)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
