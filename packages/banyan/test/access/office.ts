import { z } from 'zod'
import {
  about,
  allOf,
  aggregate,
  anyOf,
  app,
  authenticated,
  command,
  contract,
  events,
  implement,
  owner,
  query,
  role,
  scope,
  services,
  tenant,
  where,
} from '../../src/index.ts'

const Id = z.object({ id: z.string() })
const File = z.object({
  id: z.string(),
  by: z.string(),
  of: z.string(),
  branch: z.string(),
  salary: z.number().optional(),
  phone: z.string().nullable(),
  notes: z.array(z.object({ text: z.string(), author: z.string().optional() })),
})
export const files = contract('files', {
  open: command({ http: 'POST /files', input: z.object({ branch: z.string() }), output: Id }),
  close: command({ http: 'POST /files/:id/close', input: Id, output: Id, errors: { NotFound: Id } }),
  byId: query({ http: 'GET /files/:id', input: Id, output: File, errors: { NotFound: Id } }),
  quietly: query({ http: 'GET /quiet-files/:id', input: Id, output: File, errors: { NotFound: Id } }),
  hidden: query({ http: 'GET /hidden-files/:id', input: Id, output: File, errors: { NotFound: Id } }),
  ofTenant: query({ http: 'GET /tenant-files/:id', input: Id, output: File, errors: { NotFound: Id } }),
  ofBranch: query({ http: 'GET /branch-files/:id', input: Id, output: File, errors: { NotFound: Id } }),
  whole: query({ input: Id, output: File }),
  whoAmI: query({
    http: 'GET /me',
    output: z.object({ subject: z.string(), roles: z.array(z.string()), scopes: z.array(z.string()), attributes: z.record(z.string(), z.unknown()) }),
  }),
})
export const desk = contract('desk', {
  seen: query({ http: 'GET /desk/:id', input: Id, output: File }),
  relayed: query({ http: 'GET /desk/me', output: z.object({ roles: z.array(z.string()), scopes: z.array(z.string()), branch: z.string() }) }),
})

const { Opened, Closed } = events({ Opened: z.object({ by: z.string(), of: z.string(), branch: z.string() }), Closed: z.object({}) })
const file = aggregate('file', {
  events: { Opened, Closed },
  initial: { by: '', of: '', branch: '', open: false },
  evolve: { Opened: (_state, data) => ({ ...data, open: true }), Closed: (state) => ({ ...state, open: false }) },
  decide: { open: (_state, data: { by: string; of: string; branch: string }) => Opened(data), close: () => Closed({}) },
})

const parts = implement(files)
const mine = (found: { by: string }): string => found.by
const read = parts.handler(files.byId, async ({ id }, { load }) => {
  const { state, version } = await load(file, id)
  if (version === 0) throw files.byId.errors.NotFound({ id })
  return { id, ...state, salary: 100, phone: '555', notes: [{ text: 'fine', author: 'eve' }] }
})
const branchOf = (who: { attributes: Readonly<Record<string, unknown>> }): unknown => who.attributes['branch']

const filesService = parts.service({
  handlers: {
    open: ({ branch }, { transact, identity, id }) => {
      const key = id()
      return transact(async (tx) => {
        await tx.decide(file, key).open({ by: identity.subject, of: identity.tenant, branch })
        return { id: key }
      })
    },
    close: async ({ id }, { load, authorize, transact }) => {
      const { state } = await load(file, id)
      authorize(
        state,
        allOf(
          owner(({ by }) => by),
          about('open', ({ open }) => open),
        ),
      )
      return transact(async (tx) => {
        await tx.decide(file, id).close()
        return { id }
      })
    },
    byId: read,
    quietly: read as never,
    hidden: read as never,
    ofTenant: read as never,
    ofBranch: read as never,
    whole: read as never,
    whoAmI: (_input, { identity: { subject, roles, scopes, attributes } }) => ({
      subject,
      roles: [...roles],
      scopes: [...scopes],
      attributes: { ...attributes },
    }),
  },
  policies: {
    open: {
      access: allOf(
        role('clerk'),
        scope('files:write'),
        where('of the own branch', ({ identity, input }) => branchOf(identity) === input.branch),
      ),
    },
    close: { access: authenticated() },
    byId: {
      access: anyOf(owner(mine), role('boss'), services()),
      redact: { salary: role('boss'), phone: anyOf(role('boss'), owner(mine)), 'notes[].author': role('boss') },
    },
    quietly: { access: owner(mine, { hide: true }) },
    hidden: {
      access: anyOf(
        role('boss'),
        owner(({ by }) => by, { hide: ({ id }) => files.hidden.errors.NotFound({ id }) }),
      ),
    },
    ofTenant: { access: tenant((found) => found.of) },
    ofBranch: { access: about('of the own branch', (found, { identity }) => found.branch === branchOf(identity)) },
    whoAmI: { access: authenticated() },
  },
})

const deskService = implement(desk, { uses: { files } }).service({
  handlers: {
    seen: ({ id }, { call }) => call.files.byId({ id }),
    relayed: async (_input, { call }) => {
      const { roles, scopes, attributes } = await call.files.whoAmI()
      return { roles, scopes, branch: String(attributes['branch']) }
    },
  },
  policies: { seen: { access: authenticated() }, relayed: { access: authenticated() } },
})

export default app('office', {
  services: { files: async () => ({ default: filesService }), desk: async () => ({ default: deskService }) },
  roles: { boss: ['clerk'] },
  auth: { issuer: 'https://id.example', audience: 'office', jwks: 'https://id.example/jwks', claims: ['branch'] },
})
