const MAX_QUOTE = 200;

/** JSON where there is one, cut after 200 characters. Never throws: it is for values that are wrong already. */
export function quote(value: unknown): string {
  const text = toJson(value);
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return '(no JSON)';
  }
}
