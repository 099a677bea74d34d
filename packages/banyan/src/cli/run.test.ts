import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { banyan } from '../../test/cli/memory-io.ts'
import { garden } from '../../test/cli/garden-project.ts'
import { commands } from './commands.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('%j gives an overview of all commands', async (argv) => {
    const { code, out, err } = await banyan(argv)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const width = Math.max(...commands.map(({ name }) => name.length))
    for (const { name, summary } of commands) expect(out).toContain(`  ${name.padEnd(width)}  ${summary}`)
  })

  test.each(commands.map(({ name }) => name))('%s is taught: usage, options, examples', async (name) => {
    const { code, out } = await banyan([...name.split(' '), '--help'])
    expect(code).toBe(0)
    expect(out).toContain(`usage  banyan ${name}`)
    expect(out).toMatch(/examples\n {2}\S/)
    expect(out.split('\n').filter((line) => line.length > 125)).toEqual([])
    expect((await banyan(['help', ...name.split(' ')])).out).toBe(out)
    expect((await banyan([...name.split(' '), '--no-such-option', '-h'])).out).toBe(out)
  })

  test('examples run: their commands and options exist', async () => {
    for (const { name, load } of commands) {
      const command = await load()
      for (const { line } of command.examples) {
        expect(line).toContain(`banyan ${name}`)
        const given = [
          ...line
            .slice(line.indexOf('banyan'))
            .split(/[|)]/)[0]!
            .matchAll(/--([\w-]+)/g),
        ].map(([, option]) => option!)
        expect(given.filter((option) => !(option in command.options))).toEqual([])
      }
    }
  })

  test('--version is that of the package', async () => {
    expect(await banyan(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
    expect(await banyan(['-v'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })
})

describe('what is not understood ends with 2, and says what was meant', () => {
  test.each([
    [['rotues'], "there is no command 'rotues'; did you mean 'routes'?", 'banyan <command>'],
    [['frobnicate'], "there is no command 'frobnicate'; there are init, dev, start, routes", 'banyan <command>'],
    [['db'], "'db' is a family of commands: db plan", 'banyan <command>'],
    [['db', 'paln'], "'db' is a family of commands: db plan", 'banyan <command>'],
    [['--verison'], 'there is no option --verison; did you mean --version?', 'banyan <command>'],
    [['routes', '--jsn'], 'there is no option --jsn; did you mean --json?', 'banyan routes [options]'],
    [['dev', 'one', 'two'], "'two' was not expected", 'banyan dev [topology] [options]'],
    [['db', 'plan', 'x'], "'x' was not expected", 'banyan db plan [options]'],
    [['token'], 'an argument is missing', 'banyan token <subject> [options]'],
    [['services', 'dairy', '--config', join(garden, 'banyan.config.ts')], "there is no service 'dairy'; did you mean 'diary'?", 'banyan services [service…]'],
  ])('%j', async (argv, message, usage) => {
    const { code, out, err } = await banyan(argv)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`error usage: ${message}`)
    expect(err).toContain(`usage: ${usage}`)
  })
})

describe('failures end with 1', () => {
  test('what the framework knows is told without a stack, and with one where it is asked for', async () => {
    const argv = ['routes', '--config', 'nowhere.ts']
    const { code, err } = await banyan(argv)
    expect(code).toBe(1)
    expect(err).toMatch(/^error invalid_configuration: there is no file .*nowhere\.ts; correct --config\n$/)
    expect((await banyan([...argv, '--verbose'])).err).toMatch(/^error invalid_configuration: .*\n +at /s)
    expect((await banyan(argv, { env: { DEBUG: '1' } })).err).toMatch(/\n +at /)
  })

  test('colours are for terminals', async () => {
    const argv = ['routes', '--config', 'nowhere.ts']
    expect((await banyan(argv, { width: 80 })).err).toContain('\u001B[31merror')
    expect((await banyan(argv, { width: 80, env: { NO_COLOR: '1' } })).err).not.toContain('\u001B')
    expect((await banyan(argv, { width: 80, env: { TERM: 'dumb' } })).err).not.toContain('\u001B')
    expect((await banyan(argv, { env: { FORCE_COLOR: '1' } })).err).toContain('\u001B[31merror')
  })
})
