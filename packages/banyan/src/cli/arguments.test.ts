import { describe, expect, test } from 'vitest'
import { readArguments } from './arguments.ts'
import type { Options } from './options.ts'

const options: Options = { port: { type: 'text', value: 'N', help: '' }, json: { type: 'flag', short: 'j', help: '' }, topology: { type: 'text', help: '' } }
const read = (args: readonly string[], positionals: readonly [number, number] = [0, 1]): ReturnType<typeof readArguments> =>
  readArguments(args, { options, positionals })

describe('arguments', () => {
  test('are options in any order, and what is left', () => {
    const args = read(['--port', '80', 'split', '-j'])
    expect(args.positionals).toEqual(['split'])
    expect(args.text('port')).toBe('80')
    expect(args.number('port', 65_535)).toBe(80)
    expect(args.flag('json')).toBe(true)
    expect(args.text('topology')).toBeUndefined()
  })

  test('may be written with =, and end with --', () => {
    expect(read(['--port=0']).number('port', 9)).toBe(0)
    expect(read(['--topology=-x']).text('topology')).toBe('-x')
    expect(read(['--', '--json']).positionals).toEqual(['--json'])
  })

  test.each([
    [['--prot', '80'], 'there is no option --prot; did you mean --port?'],
    [['--constructor'], 'there is no option --constructor'],
    [['-x'], 'there is no option -x'],
    [['--port'], '--port needs a value: --port N'],
    [['--port', '--json'], '--port needs a value: --port N'],
    [['--topology'], '--topology needs a value: --topology VALUE'],
    [['--topology', ''], '--topology needs a value: --topology VALUE'],
    [['--topology=a', '--topology', 'a'], '--topology is given more than once; give it once'],
    [['--json=yes'], "--json takes no value, and 'yes' was given"],
    [['a', 'b'], "'b' was not expected"],
  ])('%j are refused', (args, message) => {
    expect(() => read(args)).toThrow(expect.objectContaining({ code: 'usage', message }) as Error)
  })

  test('are as many as there are places for', () => {
    expect(() => read(['a'], [0, 0])).toThrow("'a' was not expected: there are no arguments but options")
    expect(() => read([], [1, 1])).toThrow('an argument is missing')
  })

  test('may be lists', () => {
    expect(read(['--topology', 'a, b,,c']).words('topology')).toEqual(['a', 'b', 'c'])
    expect(read([]).words('topology')).toBeUndefined()
    expect(() => read(['--topology', ' ,']).words('topology')).toThrow("--topology names one or more, with commas between them, and ' ,' was given")
  })

  test.each(['x', '-1', '1.5', ' ', '65536', '1e3'])('%s is no port', (port) => {
    expect(() => read([`--port=${port}`]).number('port', 65_535)).toThrow(`--port is a whole number from 0 to 65535, and '${port}' was given`)
  })
})
