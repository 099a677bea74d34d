import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { BanyanError } from '../kernel/errors.ts'
import { contract } from '../model/contract.ts'
import { command, query } from '../model/operation.ts'
import { orFallback } from './fallback.ts'

const shop = contract('shop', {
  price: query({ output: z.int(), errors: { Unknown: z.object({}) } }),
  buy: command({ output: z.int() }),
})
const failing = (error: unknown) => async (): Promise<unknown> => {
  throw error
}

describe('a fallback', () => {
  test.each(['unavailable', 'deadline_exceeded', 'overloaded', 'draining'] as const)('stands in for a query that is %s', async (code) => {
    const used = vi.fn<(error: BanyanError) => void>()
    const error = new BanyanError(code, 'no luck')
    expect(await orFallback(shop.price, { fallback: 7 }, failing(error), used)).toBe(7)
    expect(used).toHaveBeenCalledExactlyOnceWith(error)
  })

  test('may be a function of the failure, also an async one, and its own failure is the call’s', async () => {
    const error = new BanyanError('unavailable', 'away')
    expect(await orFallback(shop.price, { fallback: (failure: BanyanError) => failure.code }, failing(error))).toBe('unavailable')
    expect(await orFallback(shop.price, { fallback: async () => 8 }, failing(error))).toBe(8)
    const worse = new Error('worse')
    await expect(orFallback(shop.price, { fallback: failing(worse) }, failing(error))).rejects.toBe(worse)
  })

  test('may be a value that is false or nothing much', async () => {
    for (const fallback of [0, '', false, null])
      expect(await orFallback(shop.price, { fallback }, failing(new BanyanError('unavailable', 'away')))).toBe(fallback)
  })

  test.each([
    shop.price.errors.Unknown({}),
    new BanyanError('forbidden', 'no'),
    new BanyanError('cancelled', 'gave up'),
    new BanyanError('internal', 'a mistake'),
    new Error('a bug'),
  ])('does not stand in for what was answered: %s', async (error) => {
    await expect(orFallback(shop.price, { fallback: 7 }, failing(error))).rejects.toBe(error)
  })

  test('is not looked at where the call succeeds', async () => {
    const fallback = vi.fn<() => number>()
    expect(await orFallback(shop.price, { fallback }, async () => 3)).toBe(3)
    expect(fallback).not.toHaveBeenCalled()
  })

  test('is refused for a command, and the command is not called', async () => {
    const call = vi.fn<() => Promise<unknown>>()
    await expect(orFallback(shop.buy, { fallback: 7 }, call)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('shop.buy.result'),
    })
    expect(call).not.toHaveBeenCalled()
  })
})
