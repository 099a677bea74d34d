/** How a stream's events become a state. Pure and synchronous. */
export interface Folds<State> {
  readonly initial: State
  evolve(state: State, event: { readonly type: string; readonly data: unknown }): State
}
