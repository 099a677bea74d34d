import { afterEach } from 'vitest'

/** What a test has opened; closed after it, in reverse order. Call it once, at the top of a test file. */
export function opened(): <T extends AsyncDisposable>(resource: T) => T {
  const stack: AsyncDisposable[] = []
  afterEach(async () => {
    for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]()
  })
  return (resource) => {
    stack.push(resource)
    return resource
  }
}
