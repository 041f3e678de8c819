/**
 * A number as an answer had it, where no double reads as its digits do: beyond 2^53, beyond the range of doubles, or of more
 * digits than a double keeps. Its text is kept as it came.
 */
export class ExactDecimal {
  constructor(readonly text: string) {}

  /** The nearest double; infinite where there is none. */
  get nearest(): number {
    return Number(this.text);
  }
}

/** The most digits after the first that `toExponential` gives; a text of more is no double's. */
const MAX_FRACTION_DIGITS = 100;

/** Whether the double of a JSON number prints as its text does, at as many digits or as short as can be: then nothing is lost. */
export function isDoubleText(text: string): boolean {
  const { digits, exponent } = normalized(text);
  if (digits === '') return true;
  const double = Number(text);
  if (!Number.isFinite(double) || double === 0 || digits.length - 1 > MAX_FRACTION_DIGITS) return false;
  // The shortest text that a double reads back from is not always the nearest one of its length.
  return [double.toExponential(digits.length - 1), double.toExponential()].some((shown) => {
    const { digits: shownDigits, exponent: shownExponent } = normalized(shown);
    return shownDigits === digits && shownExponent === exponent;
  });
}

/** A number as `d.ddd × 10^exponent`, without the point, the sign and the zeros that mean nothing; no digit for zero. */
function normalized(text: string): { readonly digits: string; readonly exponent: number } {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const leadingZeros = all.length - all.replace(/^0+/, '').length;
  return {
    digits: all.slice(leadingZeros).replace(/0+$/, ''),
    exponent: whole.length - 1 - leadingZeros + Number(exponent),
  };
}
