import { basename, relative, resolve } from 'node:path'
import { nameProblem } from '../../runtime/names.ts'
import { misuse, type Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import type { Io } from '../io.ts'
import { nearest } from '../../kernel/nearest.ts'
import { writeProject } from '../new-project.ts'
import { givenPackage, runningPackage } from '../own-package.ts'
import { projectFiles, templates, type Template } from '../project-files.ts'
import { styleOf, type Style } from '../style.ts'
import { table } from '../table.ts'

/** A project that has been made. */
interface Made {
  readonly directory: string
  readonly template: Template
  readonly name: string
  /** What its package.json says for this package. */
  readonly banyan: string
  readonly files: readonly string[]
}

const names = Object.keys(templates) as Template[]

export const init: Command = {
  usage: '[directory]',
  purpose: [
    'Makes a project that runs with `npm install && npm start` and is tested with `npm test`; no PostgreSQL and no Docker needed.',
    'On a terminal it asks what is not said. It overwrites nothing: if a file is in the way, it says which and writes none.',
    '',
    ...names.map((name) => `  ${name.padEnd(7)}  ${templates[name]}`),
  ].join('\n'),
  options: {
    template: { type: 'text', value: 'NAME', help: `${names.join(' or ')}; ${names[0]} unless said` },
    name: { type: 'text', value: 'NAME', help: "the app's, in tokens and names of schemas; made from the directory's unless said" },
    banyan: { type: 'text', value: 'SPEC', help: 'the package to depend on: a version, an address, a file; the one that runs unless said' },
    json: { type: 'flag', help: 'what was made, as JSON; asks nothing' },
  },
  positionals: [0, 1],
  examples: [
    { line: 'banyan init', does: 'asks, and makes it' },
    { line: 'banyan init my-shop --template shop', does: 'a shop in the folder my-shop' },
    { line: 'banyan init . --banyan ../banyan-0.1.0.tgz', does: 'here, with a package that lies in a file' },
  ],
  async run(args, io) {
    const made = await make(args, io)
    if (args.flag('json')) return io.out.write(`${JSON.stringify(made, undefined, 2)}\n`)
    io.out.write(told(made, io.cwd, styleOf(io.out, io.env)))
  },
}

async function make(args: Arguments, io: Io): Promise<Made> {
  const said = args.text('name')
  if (said !== undefined) checkName(said)
  const template = templateOf(args.text('template')) ?? (await askTemplate(args, io))
  const place = args.positionals[0] ?? (await askDirectory(template, args, io))
  const directory = resolve(io.cwd, place)
  const name = said ?? nameFrom(basename(directory)) ?? template
  const given = args.text('banyan')
  const banyan = given === undefined ? await runningPackage(directory) : await givenPackage(given, io.cwd, directory)
  const files = await projectFiles(template, { name, banyan })
  await writeProject(directory, files)
  return { directory, template, name, banyan, files: [...files.keys()] }
}

async function askTemplate(args: Arguments, io: Io): Promise<Template> {
  const list = names.map((name, index) => `  ${index + 1}  ${name.padEnd(7)}  ${templates[name]}\n`).join('')
  const answer = await asked(`What should it begin as?\n${list}${names.join(' or ')} [${names[0]}]: `, names[0]!, args, io)
  return names[Number(answer) - 1] ?? templateOf(answer)!
}

function askDirectory(template: Template, args: Arguments, io: Io): Promise<string> {
  return asked(`Which folder? [${template}]: `, template, args, io)
}

/** The answer of a person, `otherwise` if it is empty. Where nobody can be asked, the directory has to be said. */
async function asked(question: string, otherwise: string, args: Arguments, { ask }: Io): Promise<string> {
  if (ask === undefined || args.flag('json')) {
    if (args.positionals[0] === undefined) throw misuse('the directory is missing, and there is no terminal to ask at; `.` is the current one')
    return otherwise
  }
  const answer = await ask(question)
  if (answer === undefined) throw misuse('there was no answer; nothing was written')
  return answer.trim() || otherwise
}

function templateOf(given: string | undefined): Template | undefined {
  if (given === undefined || given in templates) return given as Template | undefined
  const meant = nearest(given, names)
  throw misuse(`there is no template '${given}'; ${meant === undefined ? `there are ${names.join(' and ')}` : `did you mean '${meant}'?`}`)
}

function checkName(name: string): void {
  const problem = nameProblem(name)
  if (problem !== undefined) throw misuse(`--name is '${name}', and a name ${problem}`)
}

/** `my-shop` becomes `myShop`; undefined where nothing is left that makes a name. */
function nameFrom(folder: string): string | undefined {
  const words = folder
    .replace(/^[^a-zA-Z]+/, '')
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== '')
  const joined = words.map((word, index) => (index === 0 ? word[0]!.toLowerCase() : word[0]!.toUpperCase()) + word.slice(1)).join('')
  return nameProblem(joined.slice(0, 24)) === undefined ? joined.slice(0, 24) : undefined
}

function told({ directory, template, name, banyan, files }: Made, cwd: string, { bold, dim }: Style): string {
  const place = relative(cwd, directory)
  const steps = [
    ...(place === '' ? [] : [[`cd ${/^[\w./-]+$/.test(place) ? place : `'${place.replaceAll("'", String.raw`'\''`)}'`}`, '']]),
    ['npm install', dim(`banyan is ${banyan}`)],
    ['npm start', dim('runs it at http://127.0.0.1:3000, with a database of its own')],
    ['npm test', dim('on a real database as well')],
  ]
  const folders = [...new Set(files.map((file) => (file.includes('/') ? `${file.slice(0, file.indexOf('/'))}/` : file)))]
  return [
    `\n  ${bold(name)}  ${dim(templates[template])}\n\n`,
    `  ${folders.join('  ')}\n\n`,
    table(steps, { indent: '  ' }),
    `\n  ${dim('README.md says what to try.')}\n`,
  ].join('')
}
