import { expect, test } from 'vitest'
import { checked, serve } from '../../test/http/fixture.ts'
import { plainServer, SECRET, tokens } from '../../test/http/peers.ts'
import { opened } from '../../test/http/stack.ts'
import { unitAsker } from './ask-unit.ts'

const keep = opened()
const status = { unit: 'sales', state: 'ready', ways: {} }
const unit = async () =>
  keep(
    await serve(
      checked(() => undefined),
      { peer: { verify: tokens.verify, ways: () => status } },
    ),
  )

test('a unit tells how it is to whoever shares its secret', async () => {
  const { url } = await unit()
  expect(await keep(unitAsker('shop', SECRET)).status(url)).toEqual({ status, trouble: undefined })
})

test('otherwise it is said why nothing is known', async () => {
  const { url } = await unit()
  const { origin, ...gone } = await plainServer(() => undefined)
  await gone[Symbol.asyncDispose]()
  const { origin: older } = keep(await plainServer((_request, response) => void response.writeHead(404).end()))
  const troubles = [
    await keep(unitAsker('shop', 'another secret of thirty-two letters')).status(url),
    await keep(unitAsker('shop', undefined)).status(url),
    await keep(unitAsker('shop', SECRET)).status(older),
    await keep(unitAsker('shop', SECRET)).status(origin),
  ].map(({ trouble }) => trouble)
  expect(troubles).toEqual([
    'has another BANYAN_SECRET',
    'not asked: BANYAN_SECRET is not set',
    'answers 404',
    expect.stringMatching(/^does not answer: .*ECONNREFUSED/),
  ])
})
