import type { EnvironmentVariables } from './read-options.ts'

export interface Filled {
  readonly text: string
  /** What is wrong with the variables named; empty where nothing is. */
  readonly problems: readonly string[]
}

/** `$${` stands for `${`; `${NAME}` and `${NAME:-fallback}` for variables; any other `${` is a slip. */
const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g

/** Whether a text names variables, or escapes such a name. */
export function namesVariables(text: string): boolean {
  return text.includes('${')
}

/**
 * A text with its variables replaced. As in a shell, `${NAME:-fallback}` takes the fallback where the variable is unset or empty, and
 * `${NAME}` must be set, though it may be empty. Values are not looked into: one that holds `${` stays as it is.
 */
export function fillVariables(text: string, env: EnvironmentVariables): Filled {
  const problems: string[] = []
  const filled = text.replace(reference, (whole, name: string | undefined, fallback: string | undefined) => {
    if (whole === '$${') return '${'
    if (name === undefined) {
      problems.push("has '${' without the name of a variable; write ${NAME} or ${NAME:-fallback}, or $${ for the two characters themselves")
      return whole
    }
    const value = env[name]
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
    if (value !== undefined) return value
    problems.push(`needs the environment variable ${name}, which is not set; set it, or write \${${name}:-fallback}`)
    return whole
  })
  return { text: filled, problems }
}
