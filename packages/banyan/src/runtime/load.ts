import { BanyanError, messageOf } from '../kernel/errors.ts'
import { operationsOf, type AnyContract } from '../model/contract.ts'
import type { AnyOperation } from '../model/operation.ts'
import type { App } from '../model/app.ts'
import type { Service, ServiceFacts } from '../model/service.ts'
import { mistakes } from './check.ts'

/** An app whose services are imported and whose parts fit together. */
export interface LoadedApp {
  readonly app: App
  readonly name: string
  readonly services: ReadonlyMap<string, ServiceFacts>
}

/**
 * Imports every service and checks the whole. Throws `invalid_app` with all mistakes at once. `name` stands for the app's own in
 * schemas, roles and tokens, so that several installations can share a database.
 */
export async function loadApp(app: App, name: string = process.env['BANYAN_APP_NAME'] ?? app.name): Promise<LoadedApp> {
  const problems: string[] = []
  const loaded = await Promise.all(
    Object.entries(app.services).map(async ([name, load]) => {
      const service = await load().then(
        (module) => asService(name, module.default, problems),
        (error: unknown) => notLoaded(name, error, problems),
      )
      return [name, service] as const
    }),
  )
  const services = new Map(loaded.flatMap(([name, service]) => (service ? [[name, service.facts] as const] : [])))
  problems.push(...mistakes({ ...app, name }, services))
  if (problems.length > 0) throw invalid(app.name, problems)
  return { app, name, services }
}

function asService(name: string, given: unknown, problems: string[]): Service<AnyContract> | undefined {
  const service = given as Partial<Service<AnyContract>> | undefined
  if (service?.kind === 'service') return service as Service<AnyContract>
  problems.push(
    `service '${name}': its module has no service as default export (found ${given === undefined ? 'nothing' : typeof given}); write \`export default service({ … })\``,
  )
  return undefined
}

function notLoaded(name: string, error: unknown, problems: string[]): undefined {
  problems.push(`service '${name}': its module cannot be loaded: ${whereAndWhat(error)}`)
  return undefined
}

const own = new URL('..', import.meta.url).href

/** An error with its place in the code, without the stack: Node shows it above what does not parse, and of the rest the stack has it. */
export function whereAndWhat(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  const [head = '', ...frames] = (error.stack ?? '').split('\n    at ')
  if (head === '') return messageOf(error)
  const place = frames.flatMap((frame) => /file:\/\/\S+:\d+:\d+/.exec(frame)?.[0] ?? []).find((found) => !found.startsWith(own))
  return place === undefined || /^\S+:\d+\n/.test(head) ? head : `${head}, at ${place}`
}

function invalid(name: string, problems: readonly string[]): BanyanError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`
  return new BanyanError('invalid_app', `app '${name}' has ${count}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`, { details: { problems } })
}

/** The app that a configuration module exports. */
export function appOf(module: { readonly default?: unknown }, file: string): App {
  const found = module.default as Partial<App> | undefined
  if (found?.kind === 'app') return found as App
  throw new BanyanError(
    'invalid_configuration',
    `${file} exports no app as default (found ${found === undefined ? 'nothing' : typeof found}); write \`export default app('name', { services: { … } })\``,
  )
}

export function operationOf({ services }: LoadedApp, service: string, name: string): AnyOperation | undefined {
  const facts = services.get(service)
  return facts && operationsOf(facts.contract).find((operation) => operation.name === name)
}
