/**
 * Makes an element. `class`, `for` and names with a dash are attributes, everything else are properties; what stands in it is text, never
 * markup. A child that is `undefined` or `false` is left out.
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue
    if (key === 'class' || key === 'for' || key.includes('-')) made.setAttribute(key, value)
    else made[key] = value
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== false))
  return made
}

/** A button that does something once at a time, and says in words when it fails. */
export function button(text, properties, act) {
  const made = element('button', { type: 'button', ...properties }, text)
  made.addEventListener('click', async () => {
    made.disabled = true
    try {
      await act(made)
    } finally {
      made.disabled = false
    }
  })
  return made
}

/** Says something to whoever looks or listens; `heard`: to those who listen, since it is to be seen already. */
export function announce(text, { heard = false } = {}) {
  const place = document.querySelector('#announcement')
  place.textContent = text
  place.classList.toggle('heard', heard)
  clearTimeout(announce.timer)
  announce.timer = setTimeout(() => (place.textContent = ''), 5_000)
}
