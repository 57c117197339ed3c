// SPDX-License-Identifier: Apache-2.0
// Amounts in minor units, for people and for vendors that write decimals. Exponents: ISO 4217.
const DIGITS = {
  ...Object.fromEntries(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"].map((code) => [code, 0])),
  ...Object.fromEntries(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map((code) => [code, 3])),
};
export const digitsOf = (currency) => DIGITS[currency.toUpperCase()] ?? 2;

export const decimal = (minor, currency) => (minor / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));

export function money(minor, currency) {
  const digits = digitsOf(currency);
  return new Intl.NumberFormat("en", { style: "currency", currency: currency.toUpperCase(), minimumFractionDigits: digits }).format(minor / 10 ** digits);
}
