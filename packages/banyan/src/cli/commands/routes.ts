import { operationsOf } from '../../model/contract.ts'
import { accessOf } from '../../runtime/invoke.ts'
import type { LoadedApp } from '../../runtime/load.ts'
import type { Command } from '../command.ts'
import { loadProject } from '../project.ts'
import { styleOf, type Style } from '../style.ts'
import { table } from '../table.ts'

interface Route {
  readonly method: string
  readonly path: string
  readonly operation: string
  readonly kind: 'command' | 'query'
  readonly access: string
}

export const routes: Command = {
  usage: '',
  purpose:
    'Lists every HTTP route of the app with the operation it runs and its access rule.\nAn operation with a route but without an access rule is denied to all, and shown as such.',
  options: { json: { type: 'flag', help: 'as JSON, for programs' } },
  examples: [
    { line: 'banyan routes', does: 'all routes' },
    { line: 'banyan routes --json', does: 'for programs, such as jq' },
  ],
  async run(args, io) {
    const { loaded } = await loadProject(args, io)
    const found = routesOf(loaded)
    if (args.flag('json')) return io.out.write(`${JSON.stringify(found, undefined, 2)}\n`)
    if (found.length === 0) return io.out.write("no operation has a route; give one in its contract: command({ http: 'POST /orders', … })\n")
    io.out.write(routeTable(found, styleOf(io.out, io.env)))
  },
}

/** Every operation that has a route, by path and method. */
export function routesOf({ services }: LoadedApp): readonly Route[] {
  const all = [...services.values()].flatMap(({ contract, policies }) =>
    operationsOf(contract).flatMap((operation) => {
      const { http } = operation.facts
      if (http === undefined) return []
      const [method, path] = http.split(' ') as [string, string]
      return [
        {
          method,
          path,
          operation: `${operation.service}.${operation.name}`,
          kind: operation.kind,
          access: accessOf(operation, policies[operation.name]?.access).text,
        },
      ]
    }),
  )
  return all.sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method))
}

function routeTable(found: readonly Route[], { dim, cyan, red }: Style): string {
  const rows = found.map(({ method, path, operation, access }) => [
    cyan(method),
    path.replaceAll(/:\w+/g, (parameter) => dim(parameter)),
    operation,
    access.startsWith('nobody') ? red(access) : access,
  ])
  return table(rows, { head: ['METHOD', 'PATH', 'OPERATION', 'ACCESS'].map(dim) })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
