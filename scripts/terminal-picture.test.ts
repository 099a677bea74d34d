import { describe, expect, test } from 'vitest'
import { colours, terminalPicture } from './terminal-picture.ts'

const options = { title: 'a <run>', columns: 40 }
const spans = (written: string): string[] => terminalPicture(written, options).match(/<tspan.*?<\/tspan>/g) ?? []
const classOf = (span: string): string | undefined => /class="(.*?)"/.exec(span)?.[1]
const textOf = (span: string): string => span.replace(/<.*?>/g, '')

describe('a picture of a terminal', () => {
  test('has the colours and weights that were written', () => {
    const [orders, placed, rest] = spans('\u001B[32morders\u001B[39m \u001B[1mPlaced\u001B[22m \u001B[2;36mv1\u001B[0m')
    expect([orders, placed, rest].map((span) => [textOf(span!), classOf(span!)])).toEqual([
      ['orders', 'green'],
      ['Placed', 'bold'],
      ['v1', 'dim cyan'],
    ])
  })

  test('keeps a style over the end of a line', () => {
    expect(spans('\u001B[2mfirst\nsecond\u001B[22m third').map(classOf)).toEqual(['dim', 'dim', undefined])
  })

  test('places each column by itself, so that any font lines up', () => {
    const [, second] = spans('one  two words')
    expect(textOf(second!)).toBe('two words')
    expect(second).toContain('x="55" textLength="70.2"')
  })

  test('counts characters, not code units', () => {
    const [, second] = spans('🌳  x')
    expect(second).toContain('x="39.4"')
  })

  test('escapes what XML would read', () => {
    expect(spans('a < b && "c"').map(textOf)).toEqual(['a &lt; b &amp;&amp; &quot;c&quot;'])
    expect(terminalPicture('x', options)).toContain('<title>a &lt;run&gt;</title>')
  })

  test('has colours for light and for dark pages', () => {
    expect(terminalPicture('x', options)).toMatch(/\.text\{fill:#1f2328\}.*@media \(prefers-color-scheme:dark\)\{.*\.text\{fill:#e6edf3\}/)
  })

  test.each([0, 1] as const)('can be read on page %s', (scheme) => {
    const { page, edge: _edge, ...inks } = colours
    const faint = Object.entries(inks).filter(([, shades]) => contrast(shades[scheme], page[scheme]) < 4.5)
    expect(faint).toEqual([])
  })

  test('is refused where it would leave something out', () => {
    expect(() => terminalPicture('x'.repeat(41), options)).toThrow('a line has 41 characters, and the picture 40 columns')
    expect(() => terminalPicture('\u001B[95mx', options)).toThrow('terminal code 95')
  })

  test('ends at the last line with text', () => {
    expect(terminalPicture('x\n\n\n', options)).toBe(terminalPicture('x', options))
  })
})

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
