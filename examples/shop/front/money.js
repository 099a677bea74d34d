/** Money for people: `€12.50`. */
export function written({ amount, currency }) {
  return new Intl.NumberFormat('en-IE', { style: 'currency', currency }).format(amount / 100)
}

export function times({ amount, currency }, quantity) {
  return { amount: amount * quantity, currency }
}

export function sum(amounts) {
  return { amount: amounts.reduce((total, { amount }) => total + amount, 0), currency: amounts[0]?.currency ?? 'EUR' }
}
