import { milliseconds, type Duration } from '../../kernel/duration.ts'
import { messageOf } from '../../kernel/errors.ts'
import { apiKeyBook, type ApiKeyBook, type ApiKeyEntry } from '../../security/api-key-book.ts'
import { makeAuthTables } from '../../security/auth-tables.ts'
import { misuse, type Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import type { Io } from '../io.ts'
import type { Options } from '../options.ts'
import { loadProject, openDatabaseOf } from '../project.ts'
import { styleOf } from '../style.ts'
import { table } from '../table.ts'

const options: Options = { topology: { type: 'text', value: 'NAME', help: "whose database; 'one' unless said" } }

/** Runs something on the API keys of the app. Throws `usage` where the app has none. */
async function withBook<T>(args: Arguments, io: Io, work: (book: ApiKeyBook) => Promise<T>): Promise<T> {
  const project = await loadProject(args, io)
  const { loaded } = project
  const keys = loaded.app.auth.find((way) => way.kind === 'api-keys')
  if (!keys) throw misuse(`app '${loaded.app.name}' takes no API keys; add apiKeys() to its \`auth\``)
  await using database = await openDatabaseOf(project, args, io)
  const { server } = database
  await makeAuthTables(server.admin, loaded.name)
  return await work(apiKeyBook({ app: loaded.name, prefix: keys.prefix, sql: server.admin }))
}

function durationOf(args: Arguments, option: string): Duration | undefined {
  const text = args.text(option) as Duration | undefined
  try {
    if (text !== undefined) milliseconds(text)
    return text
  } catch (error) {
    throw misuse(`--${option}: ${messageOf(error)}`)
  }
}

/** The key alone goes to standard output, for a secret store to read. */
function tell(text: string, note: string, io: Io): void {
  io.err.write(`${styleOf(io.err, io.env).dim(note)}\n`)
  io.out.write(`${text}\n`)
}

export const keysCreate: Command = {
  usage: '<name>',
  purpose: 'Makes an API key and prints it: now and never again, since only a hash of it is kept.',
  options: {
    ...options,
    scope: { type: 'text', value: 'NAMES', help: 'what it may be used for, separated by commas; nothing unless said' },
    role: { type: 'text', value: 'NAMES', help: 'roles of whoever shows it, separated by commas; none unless said' },
    tenant: { type: 'text', value: 'NAME', help: "'default' unless said" },
    lasting: { type: 'text', value: 'TIME', help: 'how long it is good, such as 90d; without end unless said' },
  },
  positionals: [1, 1],
  examples: [{ line: "banyan keys create 'nightly import' --scope catalog:write --lasting 90d", does: 'a key that may write to the catalog for 90 days' }],
  async run(args, io) {
    const [name = ''] = args.positionals
    if (name.trim() === '') throw misuse('a key needs a name, by which people know whose it is')
    const lasting = durationOf(args, 'lasting')
    if (lasting !== undefined && milliseconds(lasting) === 0) throw misuse(`--lasting is '${lasting}': the key would be over as soon as it is made`)
    const wanted = { name, scopes: args.words('scope') ?? [], roles: args.words('role') ?? [], tenant: args.text('tenant'), lasting }
    const { id, text } = await withBook(args, io, (book) => book.create(wanted))
    tell(text, `key ${id}; keep it now, it is not shown again`, io)
  },
}

export const keysList: Command = {
  usage: '',
  purpose: 'Lists the API keys: whose they are, what they may do, until when, and when they were last used, to the minute.',
  options: { ...options, json: { type: 'flag', help: 'as JSON, for programs' } },
  examples: [{ line: 'banyan keys list', does: 'all keys, the oldest first' }],
  async run(args, io) {
    const entries = await withBook(args, io, (book) => book.list())
    if (args.flag('json')) return io.out.write(`${JSON.stringify(entries, undefined, 2)}\n`)
    if (entries.length === 0) return io.out.write('there are no keys; `banyan keys create NAME` makes one\n')
    const { bold } = styleOf(io.out, io.env)
    const head = ['id', 'name', 'state', 'scopes', 'roles', 'tenant', 'until', 'last used'].map((title) => bold(title))
    io.out.write(table(entries.map(rowOf), { head }))
  },
}

function rowOf({ id, name, state, scopes, roles, tenant, ends, used }: ApiKeyEntry): string[] {
  return [id, name, state, scopes.join(', ') || '-', roles.join(', ') || '-', tenant, shown(ends), shown(used)]
}

function shown(at: Date | null): string {
  return at === null ? '-' : `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`
}

export const keysRotate: Command = {
  usage: '<id>',
  purpose: 'Makes a new secret for a key and prints it. The one before stays good for a while, so that nothing stops meanwhile.',
  options: { ...options, overlap: { type: 'text', value: 'TIME', help: 'how long the one before stays good; 24h unless said, 0s for not at all' } },
  positionals: [1, 1],
  examples: [{ line: 'banyan keys rotate 3fZk09aQw1Lx --overlap 2h', does: 'two hours to bring the new one to where it is used' }],
  async run(args, io) {
    const overlap = durationOf(args, 'overlap')
    const { id, text } = await withBook(args, io, (book) => book.rotate(args.positionals[0]!, overlap))
    tell(text, `key ${id}; the one before is good for ${overlap ?? '24h'}`, io)
  },
}

export const keysRevoke: Command = {
  usage: '<id>',
  purpose: 'Ends a key: within two seconds it is refused everywhere.',
  options,
  positionals: [1, 1],
  examples: [{ line: 'banyan keys revoke 3fZk09aQw1Lx', does: 'when it was lost' }],
  async run(args, io) {
    await withBook(args, io, (book) => book.revoke(args.positionals[0]!))
    io.out.write(`key ${args.positionals[0]} is revoked\n`)
  },
}
