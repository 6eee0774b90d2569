/** An amount of a currency as hundredths of it, rounded up; 1.1 is 110, whatever binary fractions make of it. */
export const centsOf = (amount: number): number => Math.ceil(Number((amount * 100).toFixed(6)))
