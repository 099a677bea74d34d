import { timed, type Contender } from './contender.ts'
import { example, Order, quote } from './order.ts'

/** `await fn(schema.parse(x))`: what there would be without any framework. */
export async function plain(): Promise<Contender> {
  return {
    measure: (count, callers) => timed(count, callers, () => quote(Order.parse(example))),
    async [Symbol.asyncDispose]() {},
  }
}
