/** A sentence where a type does not fit, for the error message. */
export interface Problem<Message extends string> {
  readonly '~problem': Message
}
