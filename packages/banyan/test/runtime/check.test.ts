import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  aggregate,
  allOf,
  app,
  claim,
  command,
  contract,
  event,
  events,
  from,
  implement,
  not,
  query,
  role,
  topology,
  type BanyanError,
} from '../../src/index.ts'
import type { Access } from '../../src/types.ts'
import { loadApp } from '../../src/runtime/load.ts'

const nothing = () => undefined as never

async function problemsOf(given: Parameters<typeof loadApp>[0]): Promise<readonly string[]> {
  const error = await loadApp(given).then(
    () => undefined,
    (thrown: BanyanError) => thrown,
  )
  expect(error?.code).toBe('invalid_app')
  const problems = error!.details['problems'] as readonly string[]
  for (const problem of problems) expect(error!.message).toContain(problem)
  return problems
}

test('an app without mistakes loads', async () => {
  const { default: bank } = await import('./bank.ts')
  expect((await loadApp(bank as never)).services.size).toBe(2)
})

test('all mistakes are told at once, each with both sides', async () => {
  const Id = z.object({ id: z.string() })
  const ghost = contract('ghost', { Seen: event(Id) })
  const left = contract('left', {
    put: command({ http: 'POST /things/:id', input: z.object({ name: z.string() }) }),
    get: query({ http: 'GET /livez', input: Id }),
    late: query({ input: z.object({ at: z.date() }) }),
    turned: query({ input: z.object({ size: z.string().transform(Number) }) }),
    keys: query({ input: Id, output: z.object({ keys: z.array(z.object({})) }) }),
    listed: query({ input: z.array(z.string()) }),
    bare: query({ http: 'GET /bare/:id' }),
    Moved: event(Id),
  })
  const right = contract('right', { put: command({ http: 'POST /things/:thing', input: z.object({ thing: z.string() }) }) })
  const { Went } = events({ Went: Id })
  const thing = aggregate('thing', { events: { Went }, initial: 0, evolve: { Went: (count) => count + 1 }, decide: {} })
  const parts = implement(left, { uses: { ghost } })
  const leftService = parts.service({
    handlers: { put: nothing, get: nothing, late: nothing, turned: nothing, keys: nothing, listed: nothing, extra: nothing } as never,
    publishes: { Gone: from(thing, 'Went'), Moved: from(thing, 'Stayed' as 'Went') } as never,
    policies: { nobody: {} } as never,
    reactions: [parts.on(ghost.Seen, nothing), parts.on(ghost.Seen, nothing)],
    projections: [parts.projection('view', { version: 1 }, () => []), parts.projection('view', { version: 1 }, () => [])],
  })
  const rightService = implement(right).service({ handlers: { put: nothing } })
  const problems = await problemsOf(
    app('wrong', {
      services: { left: async () => ({ default: leftService }), wright: async () => ({ default: rightService }), empty: async () => ({}) } as never,
      auth: { issuer: 'left', audience: 'wrong', jwks: left.keys as never },
      http: { pages: new URL('./no-such-pages', import.meta.url).href },
      topologies: {
        two: topology({ units: { a: ['left', 'left2'], b: ['left'] } }),
        edges: topology({ units: { a: { services: ['left'], calls: { a: {}, c: {}, b: { attempts: 0 } } as never }, b: ['wright'] } }),
      } as never,
    }) as never,
  )
  const expected = [
    /service 'empty': its module has no service as default export/,
    /service 'wright' in the app implements the contract 'right'; list it as 'right'/,
    /service 'left' uses 'ghost', but the app has no service 'ghost'/,
    /contract 'left' has the operation 'bare', but service 'left' has no handler for it/,
    /service 'left' has a handler 'extra', but contract 'left' has no such operation/,
    /service 'left' has a policy for 'nobody'/,
    /service 'left' publishes 'Gone', but contract 'left' has no such event/,
    /publishes 'Moved' from 'thing.Stayed', but the aggregate has no such event/,
    /reacts to ghost.Seen twice in the subscription 'reactions'/,
    /two projections called 'view'/,
    /'left.put' has the path parameter ':id' in 'POST \/things\/:id', but its input has no field 'id'/,
    /the input of operation 'left.late' cannot be said as JSON Schema/,
    /the input of operation 'left.turned'/,
    /the input of operation 'left.listed' is array/,
    /'left.bare' has the path parameter ':id' .* but no input/,
    /'left.get' has the route 'GET \/livez', which the framework answers itself/,
    /operations 'left.put' and 'right.put' both claim the route 'POST \/things\/:thing'/,
    /auth.jwks asks 'left.keys', which takes an input/,
    /topology 'two' places 'left2' in unit 'a', but the app has no service 'left2'/,
    /topology 'two' places service 'left' in several units \(a, b\)/,
    /topology 'two' places service 'wright' in no unit/,
    /topology 'edges': unit 'a' says how it calls itself; .* for other units: b/,
    /topology 'edges': unit 'a' says how it calls unit 'c', which the topology does not have; it has b/,
    /topology 'edges': unit 'a' calls 'b' with attempts 0; it is a whole number from 1/,
    /http.pages is 'file:.*no-such-pages', which cannot be read \(.*\); create the directory/,
  ]
  for (const pattern of expected)
    expect(
      problems.some((problem) => pattern.test(problem)),
      `${pattern} in\n${problems.join('\n')}`,
    ).toBe(true)
})

test('a claim that a rule looks at is read by some way of the app', async () => {
  const vault = contract('vault', { open: query({ output: z.string() }) })
  const guarded = (access: Access) => implement(vault).service({ handlers: { open: () => 'gold' }, policies: { open: { access } } })
  const bank = (access: Access, claims: string[]) =>
    app('bank', {
      services: { vault: async () => ({ default: guarded(access) }) },
      auth: { issuer: 'i', audience: 'bank', jwks: 'https://i.example/keys', claims },
    })
  for (const access of [allOf(role('clerk'), claim('amr', 'mfa')), not(claim('amr', 'mfa'))]) {
    expect(await problemsOf(bank(access, ['department']) as never)).toEqual([
      `operation 'vault.open' is for ${access.text}, and no way in auth reads the claim 'amr'; write claims: ['amr'] there`,
    ])
    expect((await loadApp(bank(access, ['amr']) as never)).services.size).toBe(1)
  }
})

test('keys are asked of a query of the app', async () => {
  const keys = query({ output: z.object({ keys: z.array(z.object({})) }) })
  const [own, other] = [contract('own', { keys }), contract('own', { keys })]
  const service = implement(own).service({ handlers: { keys: () => ({ keys: [] }) } })
  const asking = (jwks: (typeof own)['keys']) =>
    app('asking', { services: { own: async () => ({ default: service }) }, auth: { issuer: 'own', audience: 'asking', jwks } }) as never
  expect((await loadApp(asking(own.keys))).services.size).toBe(1)
  expect(await problemsOf(asking(other.keys))).toEqual([
    "auth.jwks asks 'own.keys', which is not an operation of the contract that service 'own' implements; import the same contract in both",
  ])
  expect(await problemsOf(asking(contract('absent', { keys }).keys as never))).toEqual(["auth.jwks asks 'absent.keys', but the app has no service 'absent'"])
})

test.each([
  ['./front', /'.\/front', which is relative, .* write import.meta.resolve\('.\/front'\)/],
  [import.meta.url, /which is a file; name the directory/],
])('pages at %s are a mistake', async (pages, mistake) => {
  expect(await problemsOf(app('wrong', { services: {}, http: { pages } }) as never)).toEqual([expect.stringMatching(mistake)])
})
