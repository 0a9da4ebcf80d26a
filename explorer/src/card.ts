// What the card says, in the order in which a reader needs it.
import type { Claim, Leakage } from "./data";

/** What does not hold comes first: that is what one cannot rely on. */
const ORDER = ["fail", "cannot tell", "withheld", "pass", "reported"];

/** Claims that were tested, and those that are measured without a target or hold by construction. */
export function sorted(claims: Claim[]): { tested: Claim[]; others: Claim[] } {
  const isTested = (claim: Claim) => claim.verdict !== "reported" && !claim.by_construction;
  const all = [...claims].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  return { tested: all.filter(isTested), others: all.filter((each) => !isTested(each)) };
}

/** Rows of the matrix, those first whose edits flip the column `by` most. */
export function order(leakage: Leakage, by: string | null): number[] {
  const rows = leakage.names.map((_, n) => n);
  const column = by === null ? -1 : leakage.names.indexOf(by);
  if (column < 0) return rows;
  return rows.sort((a, b) => (leakage.rate[b]![column] ?? -1) - (leakage.rate[a]![column] ?? -1));
}

/** What is known of one pair of the matrix: of so many edits, how many flipped the other besides. */
export interface Pair {
  edits: number;
  rate: number;
  low: number;
  high: number;
  data: number | null; // the same among pictures of the data
  above: boolean;
}

/** An edited attribute and one that flipped besides; null where the card says nothing of them. */
export function pairOf(leakage: Leakage, edited: string, other: string): Pair | null {
  const [row, column] = [edited, other].map((name) => leakage.names.indexOf(name));
  const rate = edited === other ? null : leakage.rate[row!]?.[column!];
  if (rate === null || rate === undefined) return null;
  const of = (values: (number | null)[][]) => values[row!]![column!] ?? null;
  return {
    edits: leakage.edits[row!]!,
    rate,
    low: of(leakage.low) ?? 0,
    high: of(leakage.high) ?? 1,
    data: of(leakage.data),
    above: !!leakage.above[row!]![column!],
  };
}
