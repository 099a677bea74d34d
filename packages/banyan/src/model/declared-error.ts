/** A refusal that a contract declares: thrown by a handler or decider, it reaches the caller by name and with typed details. */
export interface Declared<Name extends string = string, Details = unknown> extends Error {
  readonly code: Name
  readonly details: Details
  readonly service: string
  readonly operation: string
}

/** Makes and recognises one declared error: `throw orders.place.errors.UnknownProduct({ sku })`. */
export interface ErrorOf<Name extends string, Details> {
  (details: Details): Declared<Name, Details>
  /** Whether a thrown value is this error, also one that came over the network. */
  is(error: unknown): error is Declared<Name, Details>
}

class DeclaredError extends Error implements Declared {
  readonly code: string
  readonly details: unknown
  readonly service: string
  readonly operation: string
  override readonly name = 'DeclaredError'
  /** How copies of the package recognise each other's errors. */
  readonly '~banyan' = 'declared'

  constructor(service: string, operation: string, code: string, details: unknown) {
    super(`${service}.${operation} refused: ${code} ${JSON.stringify(details)}`)
    this.service = service
    this.operation = operation
    this.code = code
    this.details = details
  }
}

export function declaredError(service: string, operation: string, code: string, details: unknown): Declared {
  return new DeclaredError(service, operation, code, details)
}

/** Whether a thrown value is any declared error, also of another copy of the package. */
export function isDeclared(error: unknown): error is Declared {
  return typeof error === 'object' && error !== null && '~banyan' in error && error['~banyan'] === 'declared'
}

export function errorOf(service: string, operation: string, code: string): ErrorOf<string, unknown> {
  const make = (details: unknown) => new DeclaredError(service, operation, code, details)
  // one name may be declared by several operations of a service; it is the same refusal, whichever of them says it
  const is = (error: unknown): error is Declared => isDeclared(error) && error.service === service && error.code === code
  return Object.assign(make, { is })
}
