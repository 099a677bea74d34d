import { operationsOf } from '../../model/contract.ts'
import { Asking } from '../../model/access-request.ts'
import { explain, type Explanation, type Verdict } from '../../model/explain.ts'
import { accessOf } from '../../runtime/invoke.ts'
import type { LoadedApp } from '../../runtime/load.ts'
import { identity } from '../../security/identity.ts'
import { withInherited } from '../../security/inherited-roles.ts'
import { misuse, type Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { nearest } from '../../kernel/nearest.ts'
import { loadProject } from '../project.ts'
import { styleOf, type Style } from '../style.ts'
import { table } from '../table.ts'

interface Listed {
  readonly operation: string
  readonly kind: 'command' | 'query'
  readonly http: string | undefined
  readonly access: string
  /** Rules by path of what is kept back. */
  readonly redact: Readonly<Record<string, string>>
  /** What the rule says of whoever --as, --scope and --claim describe. */
  readonly why: Explanation | undefined
}

export const access: Command = {
  usage: '[service.operation]',
  purpose:
    'Lists every operation with the rule that says who may, and what is kept back of its answers. With --as it says whether\nsomebody with these roles may: `passes`, `fails`, or `open` where it depends on the input or on whose the answer is. For\none operation the rule is taken apart.',
  options: {
    as: { type: 'text', value: 'ROLES', help: 'ask for somebody with these roles, separated by commas, and all that they include' },
    scope: { type: 'text', value: 'SCOPES', help: 'whose token has these scopes, separated by commas' },
    claim: { type: 'text', value: 'CLAIMS', help: 'whose token makes these claims: amr=mfa,branch=ghent' },
    anonymous: { type: 'flag', help: 'ask for somebody without a token' },
    json: { type: 'flag', help: 'as JSON, for programs' },
  },
  positionals: [0, 1],
  examples: [
    { line: 'banyan access --as customer', does: 'what a customer may do' },
    { line: 'banyan access orders.byId --as staff', does: 'which part of the rule lets staff pass' },
    { line: 'banyan access --anonymous', does: 'what is open to everybody' },
  ],
  async run(args, io) {
    const { loaded } = await loadProject(args, io)
    const all = listed(loaded, askingOf(args, loaded))
    const [name] = args.positionals
    const chosen = name === undefined ? all : [named(name, all)]
    if (args.flag('json')) return io.out.write(`${JSON.stringify(name === undefined ? chosen : chosen[0], undefined, 2)}\n`)
    const style = styleOf(io.out, io.env)
    io.out.write(name === undefined ? accessTable(chosen, style) : section(chosen[0]!, style))
  },
}

/** Somebody from outside whom the options describe; `undefined` where they describe nobody. */
function askingOf(args: Arguments, { app }: LoadedApp): (() => Asking) | undefined {
  const [roles, scopes, claims] = ['as', 'scope', 'claim'].map((option) => args.words(option))
  const anonymous = args.flag('anonymous')
  if (anonymous && (roles ?? scopes ?? claims))
    throw misuse('--anonymous is somebody without a token, who has neither roles nor scopes nor claims; leave out --as, --scope and --claim')
  if (!anonymous && !(roles ?? scopes ?? claims)) return undefined
  const who = anonymous
    ? identity({ subject: 'anonymous' })
    : identity({ subject: 'somebody', roles: withInherited(roles ?? [], app.roles ?? {}), scopes: scopes ?? [], attributes: claimed(claims ?? []) })
  return () => new Asking({ identity: who, caller: undefined })
}

/** Claims as their token has them; one that is said more than once is a list. */
function claimed(said: readonly string[]): Readonly<Record<string, unknown>> {
  const found: Record<string, readonly string[]> = {}
  for (const claim of said) {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(claim) ?? []
    if (name === undefined || value === undefined) throw misuse(`--claim takes NAME=VALUE, several with commas between them, and not '${claim}'`)
    found[name] = [...(found[name] ?? []), value]
  }
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

function listed({ services }: LoadedApp, asking: (() => Asking) | undefined): readonly Listed[] {
  return [...services.values()].flatMap(({ contract, policies }) =>
    operationsOf(contract).map((operation) => {
      const policy = policies[operation.name]
      const rule = accessOf(operation, policy?.access)
      return {
        operation: `${operation.service}.${operation.name}`,
        kind: operation.kind,
        http: operation.facts.http,
        access: rule.text,
        redact: Object.fromEntries(Object.entries(policy?.redact ?? {}).map(([path, { text }]) => [path, text])),
        why: asking && explain(rule, asking()),
      }
    }),
  )
}

function named(name: string, all: readonly Listed[]): Listed {
  const found = all.find(({ operation }) => operation === name)
  if (found) return found
  const meant = nearest(
    name,
    all.map(({ operation }) => operation),
  )
  throw misuse(`there is no operation '${name}'; ${meant === undefined ? '`banyan access` lists them' : `did you mean '${meant}'?`}`)
}

function accessTable(found: readonly Listed[], style: Style): string {
  const asked = found.some(({ why }) => why)
  const rows = found.map(({ operation, http, access: rule, redact, why }) => [
    operation,
    http ?? style.dim('no route'),
    rule.startsWith('nobody') ? style.red(rule) : rule,
    ...(asked ? [verdictText(why!.verdict, style)] : []),
    style.dim(Object.keys(redact).join(', ')),
  ])
  return table(rows, { head: ['OPERATION', 'ROUTE', 'RULE', ...(asked ? ['MAY'] : []), 'KEPT BACK'].map(style.dim) })
}

function section({ operation, http, access: rule, redact, why }: Listed, style: Style): string {
  const rows = [['route', http ?? 'none'], ['rule', rule], ...Object.entries(redact).map(([path, text]) => ['kept back', `${path}, but for ${text}`])]
  const parts = why ? `\n${table(partRows(why, 0, style), { indent: '  ' })}` : ''
  return `${style.bold(operation)}\n${table(
    rows.map(([what, text]) => [style.dim(what!), text!]),
    { indent: '  ' },
  )}${parts}`
}

function partRows({ rule, verdict, parts = [] }: Explanation, depth: number, style: Style): readonly (readonly string[])[] {
  return [[`${'  '.repeat(depth)}${rule}`, verdictText(verdict, style)], ...parts.flatMap((part) => partRows(part, depth + 1, style))]
}

function verdictText(verdict: Verdict, { green, red, yellow }: Style): string {
  return { passes: green, fails: red, open: yellow }[verdict](verdict)
}
