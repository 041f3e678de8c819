import { compareCodeUnits } from '../../../lambda/export/domain/values';

const SHOWN = 5;
/** Beyond this many ids the hint leaves out the rest: memory is bounded. */
const MAX_IDS = 200_000;

/** Ids that somebody may have meant. */
export class Neighbours {
  readonly #ids = new Set<string>();

  add(id: string): void {
    if (this.#ids.size < MAX_IDS) this.#ids.add(id);
  }

  /**
   * Up to five that look most like this one: those that begin with it first, then by the number of letters that differ.
   */
  nearest(id: string): string[] {
    const wanted = id.toLowerCase();
    const ranked = [...this.#ids].map((each) => {
      const lower = each.toLowerCase();
      return { each, rank: lower.startsWith(wanted) ? -1 : distance(lower, wanted) };
    });
    ranked.sort((a, b) => a.rank - b.rank || compareCodeUnits(a.each, b.each));
    return ranked.slice(0, SHOWN).map(({ each }) => each);
  }
}

/** Levenshtein's: characters put in, left out or exchanged. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const exchanged = (above[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      now.push(Math.min(exchanged, (above[column] as number) + 1, (now[column - 1] as number) + 1));
    }
    above = now;
  }
  return above[b.length] as number;
}
