/**
 * Makes an element. Properties are set as such, `class` and names with a dash as attributes; children may be elements, texts, lists of
 * them, or nothing. What stands in them is text, never markup.
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue
    if (key === 'class' || key === 'for' || key.includes('-')) made.setAttribute(key, value)
    else made[key] = value
  }
  made.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false))
  return made
}
