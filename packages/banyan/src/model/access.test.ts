import { describe, expect, test } from 'vitest'
import { identity } from '../security/identity.ts'
import { about, allOf, anyOf, anyone, authenticated, claim, not, owner, role, scope, services, tenant, where, type Access } from './access.ts'
import { Asking } from './access-request.ts'
import { explain, missing } from './explain.ts'

const ada = {
  identity: identity({ subject: 'ada', roles: ['clerk'], tenant: 'north', scopes: ['orders:read'], attributes: { branch: 'b1', amr: ['pwd', 'mfa'] } }),
  caller: undefined,
}
const nobody = { identity: identity({ subject: 'anonymous' }), caller: undefined }

/** What a rule says when it is known who asks, with the input, and with the answer. */
function stages(rule: Access<never, never>, { input, output }: { input?: unknown; output?: unknown } = {}, who: ConstructorParameters<typeof Asking>[0] = ada) {
  const asking = new Asking(who)
  return [rule.decide(asking), rule.decide(asking.read(input)), rule.decide(asking.answered(output))]
}

const yes = [true, true, true]
const no = [false, false, false]
const later = [undefined, true, true]
const last = [undefined, undefined, true]

test.each<[string, Access<never, never>, readonly (boolean | undefined)[]]>([
  ['anyone', anyone(), yes],
  ['authenticated', authenticated(), yes],
  ['a role', role('boss', 'clerk'), yes],
  ['another role', role('boss'), no],
  ['a scope', scope('orders:read', 'orders:write'), yes],
  ['another scope', scope('orders:write'), no],
  ['a claim', claim('branch', 'b2', 'b1'), yes],
  ['a claim that is a list', claim('amr', 'mfa'), yes],
  ['another value of a claim', claim('amr', 'otp'), no],
  ['a claim that nobody made', claim('department', 'undefined'), no],
  ['services', services(), no],
  ['where', where('of the branch', ({ identity: who, input }) => who.attributes['branch'] === (input as { branch: string }).branch), later],
  ['the owner', owner((found: { by: string }) => found.by), last],
  ['the tenant', tenant((found: { of: string }) => found.of), last],
  ['about', about('open', (found: { open: boolean }) => found.open), last],
  ['not', not(role('clerk')), no],
  ['not, of what is open', not(owner((found: { of: string }) => found.of)), last],
])('%s', (_name, rule, expected) => {
  expect(stages(rule, { input: { branch: 'b1' }, output: { by: 'ada', of: 'north', open: true } })).toEqual(expected)
})

describe('rules about an answer', () => {
  test('refuse who is unknown at once', () => {
    expect(
      stages(
        owner(() => 'anonymous'),
        {},
        nobody,
      ),
    ).toEqual(no)
    expect(
      stages(
        tenant(() => 'default'),
        {},
        nobody,
      ),
    ).toEqual(no)
  })
})

describe('combinations decide as soon as they can, in three values', () => {
  const t: Access = anyone()
  const f: Access = not(t)
  const open: Access = where('later', () => true)
  test.each([
    [anyOf(f, open), undefined],
    [anyOf(open, t), true],
    [anyOf(f, f), false],
    [allOf(t, open), undefined],
    [allOf(open, f), false],
    [allOf(t, t), true],
    [anyOf(), false],
    [allOf(), true],
    [not(allOf(t, open)), undefined],
  ])('%#', (rule, expected) => {
    expect(stages(rule)[0]).toBe(expected)
  })
})

test('texts say how rules are combined', () => {
  const either = anyOf(role('clerk'), authenticated())
  expect(allOf(either, scope('x')).text).toBe('(role clerk or authenticated) and scope x')
  expect(anyOf(allOf(role('clerk'), scope('x')), scope('y')).text).toBe('role clerk and scope x or scope y')
  expect(not(either).text).toBe('not (role clerk or authenticated)')
})

test('an explanation says what is missing, and nothing of an object', () => {
  const rule = allOf(
    anyOf(
      role('boss'),
      owner((found: { by: string }) => found.by),
    ),
    scope('orders:read'),
    not(role('clerk')),
  )
  const why = explain(rule, new Asking(ada).answered({ by: 'bob' }))
  expect(why).toEqual({
    rule: '(role boss or owner) and scope orders:read and not role clerk',
    verdict: 'fails',
    parts: [
      {
        rule: 'role boss or owner',
        verdict: 'fails',
        parts: [
          { rule: 'role boss', verdict: 'fails' },
          { rule: 'owner', verdict: 'fails' },
        ],
      },
      { rule: 'scope orders:read', verdict: 'passes' },
      { rule: 'not role clerk', verdict: 'fails' },
    ],
  })
  expect(missing(why)).toEqual(['role boss', 'owner', 'not role clerk'])
  expect(JSON.stringify(why)).not.toContain('bob')
})
