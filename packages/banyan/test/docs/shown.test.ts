import { describe, expect, test } from 'vitest'
import { Shown } from './shown.ts'

const [one, two] = ['0192f0c2-1111-7abc-8def-0123456789ab', '0192f0c2-2222-7abc-8def-0123456789ab']

describe('what is shown', () => {
  test('is what comes out, but for times, measures and the width of columns', () => {
    const shown = new Shown({})
    expect(shown.matches('a  b  after 1.2 s at 10:00:00.000', 'a      b  after 900 ms at 23:59:59.999\n', false)).toBe(true)
    expect(shown.matches('a b', 'a c', false)).toBe(false)
    expect(shown.matches('a b', 'a b\nmore', false)).toBe(false)
    expect(shown.matches('a b', 'before\na b\nmore', true)).toBe(true)
    expect(shown.matches('first\n…\nlast', 'first\nand\nso on\nlast', false)).toBe(true)
    expect(shown.matches('first\n…\nlast', 'first\nand\nso on', false)).toBe(false)
  })

  test('may have other ids, and they are the same ones each time', () => {
    const shown = new Shown({})
    expect(shown.matches(`${one} ${one}`, `${two} ${one}`, false)).toBe(false)
    expect(shown.matches(`id ${one}, process 7`, `id ${two}, process 4711`, false)).toBe(true)
    expect(shown.command(`curl /${one}`)).toBe(`curl /${two}`)
    expect(shown.matches(`again ${one}`, `again ${one}`, false)).toBe(false)
    expect(shown.matches(`again ${one}`, `again ${two}`, false)).toBe(true)
  })

  test('has the ports that are free here', () => {
    const shown = new Shown({ 'localhost:3000': 'localhost:41000' })
    expect(shown.command('curl localhost:3000/x')).toBe('curl localhost:41000/x')
    expect(shown.matches('at localhost:3000', 'at localhost:41000', false)).toBe(true)
    expect(shown.matches('at localhost:3000', 'at localhost:42000', false)).toBe(false)
  })
})
