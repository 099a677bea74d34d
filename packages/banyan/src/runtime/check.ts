import type { App } from '../model/app.ts'
import type { AnyEvent } from '../model/event.ts'
import { eventsOf, operationsOf } from '../model/contract.ts'
import type { ServiceFacts } from '../model/service.ts'
import { authMistakes } from './check-auth.ts'
import { cacheMistakes } from './check-cache.ts'
import { limitMistakes, proxyMistakes } from './check-limits.ts'
import { operationMistakes, routeMistakes } from './check-operations.ts'
import { pagesMistakes } from './check-pages.ts'
import { redactionMistakes } from './check-redactions.ts'
import { nameProblem } from './names.ts'
import { accessLogMistakes } from './open-access-log.ts'
import { gatewayMistakes } from './open-gateway.ts'
import { topologyMistakes } from './check-topology.ts'

type Services = ReadonlyMap<string, ServiceFacts>

/** Everything that is wrong with an app, each mistake a sentence naming both sides; empty when it may start. */
export function mistakes(app: App, services: Services): string[] {
  const found: string[] = []
  const problem = nameProblem(app.name)
  if (problem) found.push(`the app's name '${app.name}' is not usable: a name ${problem}`)
  for (const [name, service] of services) {
    found.push(...nameMistakes(name, service), ...usesMistakes(name, service, services), ...handlerMistakes(name, service), ...publishMistakes(name, service))
    found.push(...listenMistakes(name, service), ...redactionMistakes(name, service), ...limitMistakes(name, service), ...cacheMistakes(name, service))
    for (const operation of operationsOf(service.contract)) found.push(...operationMistakes(operation))
  }
  found.push(
    ...routeMistakes([...services.values()].flatMap((service) => operationsOf(service.contract))),
    ...topologyMistakes(app),
    ...authMistakes(app, services),
    ...pagesMistakes(app),
    ...accessLogMistakes(app),
    ...gatewayMistakes(app),
    ...proxyMistakes(app),
  )
  return found
}

function nameMistakes(name: string, service: ServiceFacts): string[] {
  const own = service.contract['~contract']
  const problem = nameProblem(name)
  return [
    ...(own === name ? [] : [`service '${name}' in the app implements the contract '${own}'; list it as '${own}'`]),
    ...(problem ? [`the service name '${name}' is not usable: a name ${problem}`] : []),
  ]
}

function usesMistakes(name: string, service: ServiceFacts, services: Services): string[] {
  return Object.entries(service.uses).flatMap(([alias, contract]) => {
    const target = contract['~contract']
    if (alias !== target) return [`service '${name}' uses the contract '${target}' under the name '${alias}'; write uses: { ${target} }`]
    const there = services.get(target)
    if (!there) return [`service '${name}' uses '${target}', but the app has no service '${target}'`]
    if (there.contract !== contract)
      return [`service '${name}' uses a contract '${target}' that is not the one service '${target}' implements; import the same contract in both`]
    return []
  })
}

function handlerMistakes(name: string, service: ServiceFacts): string[] {
  const operations = new Set(operationsOf(service.contract).map((operation) => operation.name))
  const missing = [...operations].filter((operation) => typeof service.handlers[operation] !== 'function')
  const superfluous = Object.keys(service.handlers).filter((handler) => !operations.has(handler))
  const aimless = Object.keys(service.policies).filter((policy) => !operations.has(policy))
  return [
    ...missing.map((operation) => `contract '${name}' has the operation '${operation}', but service '${name}' has no handler for it`),
    ...superfluous.map((handler) => `service '${name}' has a handler '${handler}', but contract '${name}' has no such operation`),
    ...aimless.map((policy) => `service '${name}' has a policy for '${policy}', but contract '${name}' has no such operation`),
  ]
}

function publishMistakes(name: string, service: ServiceFacts): string[] {
  const published = new Set(eventsOf(service.contract).map((event) => event.name))
  return Object.entries(service.publishes).flatMap(([event, { aggregate, event: source }]) => {
    const privates = Object.keys((aggregate as { events?: object }).events ?? {})
    return [
      ...(published.has(event) ? [] : [`service '${name}' publishes '${event}', but contract '${name}' has no such event`]),
      ...(privates.includes(source) ? [] : [`service '${name}' publishes '${event}' from '${aggregate.name}.${source}', but the aggregate has no such event`]),
    ]
  })
}

function listenMistakes(name: string, service: ServiceFacts): string[] {
  const seen = new Set<string>()
  const reactions = service.reactions.flatMap(({ event, subscription }) => {
    const id = `${subscription} ${label(event)}`
    const twice = seen.has(id)
      ? [`service '${name}' reacts to ${label(event)} twice in the subscription '${subscription}'; give the second \`on\` a { subscription } of its own`]
      : []
    seen.add(id)
    return [...twice, ...sourceMistakes(`service '${name}' reacts to`, name, event, service)]
  })
  const projections = service.projections.flatMap((projection) =>
    projection.on.flatMap(({ event }) => sourceMistakes(`projection '${projection.name}' of service '${name}' listens to`, name, event, service)),
  )
  const invalidations = service.invalidations.flatMap(({ event }) => sourceMistakes(`service '${name}' invalidates its cache at`, name, event, service))
  const names = service.projections.map((projection) => projection.name)
  const doubles = names.filter((projection, index) => names.indexOf(projection) !== index)
  return [...reactions, ...projections, ...invalidations, ...doubles.map((projection) => `service '${name}' has two projections called '${projection}'`)]
}

function sourceMistakes(who: string, name: string, event: AnyEvent, service: ServiceFacts): string[] {
  if (event.service === undefined) return []
  const contract = event.service === name ? service.contract : service.uses[event.service]
  if (!contract) return [`${who} ${label(event)}, but does not use '${event.service}'; add it to uses`]
  return eventsOf(contract).includes(event)
    ? []
    : [`${who} ${label(event)}, which is not an event of the contract '${event.service}' it uses; import the same contract in both`]
}

function label(event: AnyEvent): string {
  return `${event.service ?? event.aggregate}.${event.name}`
}
