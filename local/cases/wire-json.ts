/** Stands for -0, which JSON has and JSON.stringify does not write. */
const NEGATIVE_ZERO = '\u0000negative zero\u0000';
const NEGATIVE_ZERO_JSON = JSON.stringify(NEGATIVE_ZERO);

/** JSON as restJson1 sends it: NaN and the infinities as strings, -0 as -0, undefined left out, lone surrogates escaped. */
export function toWireJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'number') return member;
    if (Object.is(member, -0)) return NEGATIVE_ZERO;
    return Number.isFinite(member) ? member : String(member);
  });
  return text.replaceAll(NEGATIVE_ZERO_JSON, '-0');
}
