import { expect, test } from 'vitest'
import { backend, echo, everything, serving } from '../../test/gateway/fixture.ts'
import { problemIn, raw } from '../../test/http/raw.ts'
import { BanyanError } from '../kernel/errors.ts'
import type { PolicyKind } from './policy-kind.ts'

test('what a policy cannot do is not told as if the upstream could not', async () => {
  await using there = await backend(echo)
  const uncounted: PolicyKind = {
    name: 'uncounted',
    schema: {},
    open: () => () => Promise.reject(new BanyanError('unavailable', 'the limit at 10.0.0.7 cannot be looked up', { executed: 'no' })),
  }
  await using edge = await serving(everything([there.url], [{ kind: 'uncounted', settings: {}, line: 1 }]), { kinds: [uncounted] })
  const answer = await fetch(edge.url)
  expect(answer.status).toBe(503)
  const { detail } = (await answer.json()) as { detail: string }
  expect(detail).not.toMatch(/Upstream|10\.0\.0\.7/)
  const refused = await raw(edge.port, 'GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: chat', '', '')
  expect(problemIn(refused)).toMatchObject({ status: 503, detail })
})
