import { basename, resolve } from 'node:path'
import type { GatewayConfig, Route, Upstream } from '../../gateway/config.ts'
import { mistakeLine, mistakesOf, type Mistake } from '../../gateway/file/mistake.ts'
import { readGatewayFile } from '../../gateway/file/read.ts'
import { policyKinds } from '../../gateway/policy-kinds.ts'
import { isSecretName, REDACTED, redactText } from '../../observe/redact.ts'
import type { Command } from '../command.ts'
import { styleOf, type Style } from '../style.ts'
import { table } from '../table.ts'

export const gatewayCheck: Command = {
  usage: '<file>',
  purpose:
    'Reads a gateway file as a gateway would, and says every mistake in it with its line; the exit code is then 1.\nCertificates that it names are read as well; what is hardly meant is a warning, on standard error.\nOtherwise it lists the routes, in the order of the file. Variables must be set as they will be: ${NAME}.',
  options: { json: { type: 'flag', help: 'as JSON, for programs' } },
  positionals: [1, 1],
  examples: [
    { line: 'banyan gateway check gateway.yaml', does: 'before it is deployed' },
    { line: 'banyan gateway check gateway.yaml --json', does: 'the mistakes, or the configuration with all that was left out, for programs' },
  ],
  async run(args, io) {
    const given = args.positionals[0]!
    const json = args.flag('json')
    try {
      const warnings: Mistake[] = []
      const config = await readGatewayFile(resolve(io.cwd, given), {
        kinds: policyKinds,
        env: io.env,
        warn: (warning) => warnings.push(warning),
        mayHaveExpired: () => false,
        // the file may be an app's, whose topology names it
        redisElsewhere: true,
      })
      for (const warning of json ? [] : warnings) io.err.write(`warning: ${mistakeLine(given, warning)}\n`)
      io.out.write(json ? jsonOf({ file: given, mistakes: [], warnings, config: shown(config) }) : summary(given, config, styleOf(io.out, io.env)))
      return 0
    } catch (error) {
      const mistakes = mistakesOf(error)
      if (!mistakes) throw error
      if (json) io.out.write(jsonOf({ file: given, mistakes }))
      else for (const mistake of mistakes) io.out.write(`${mistakeLine(given, mistake)}\n`)
      if (!json) io.err.write(`${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'} in ${basename(given)}\n`)
      return 1
    }
  },
}

/** Without the parameters of the address of its Redis, which may say a password as well. */
function shown({ redis, ...config }: GatewayConfig): GatewayConfig {
  if (!redis) return config
  const url = new URL(redis.url)
  url.search = ''
  return { ...config, redis: { ...redis, url: url.href } }
}

/** Variables are filled in, so what has the name or the form of a secret is blanked. */
function jsonOf(value: unknown): string {
  const plain = (name: string, one: unknown): unknown => (typeof one !== 'string' ? one : isSecretName(name) ? REDACTED : redactText(one))
  return `${JSON.stringify(value, plain, 2)}\n`
}

function summary(file: string, { routes, upstreams }: GatewayConfig, style: Style): string {
  const rows = routes.map((route) => row(route, upstreams[route.to], style))
  return `${table(rows, { head: ['METHOD', 'HOST', 'PATH', 'TO', 'POLICIES'].map(style.dim) })}${style.green(`${file} is well: ${counted(routes.length, 'route')}, ${counted(Object.keys(upstreams).length, 'upstream')}`)}\n`
}

function row({ match, to, policies }: Route, upstream: Upstream | undefined, { cyan, dim }: Style): readonly string[] {
  const targets = upstream?.targets.map(({ url }) => url).join(', ') ?? ''
  const conditions = [
    ...Object.entries(match.query).map(([name, value]) => `?${name}=${value}`),
    ...Object.entries(match.headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return [
    cyan(match.methods.join(',') || 'any'),
    match.hosts.join(',') || 'any',
    [match.path, ...conditions].join(' '),
    upstream ? `${to} ${dim(targets)}` : dim('answered here'),
    policies.map(({ kind }) => kind).join(' > '),
  ]
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
