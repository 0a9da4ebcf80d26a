// The decision as a sum: bars that add up to the logit, and maps of them.
import type { About, Attribute, Means } from "./data";
import { floats } from "./data";
import type { Outputs } from "./messages";

export const PLACES = 8;

export interface Bar {
  attribute: Attribute;
  agreement: number; // 0 for discovered attributes
  realism: number;
  total: number;
}

/** logit = bias + Σ bars + residual, minus the mean of other pictures where there is a reference. */
export interface Decision {
  bars: Bar[]; // in the schema's order
  agreement: number;
  realism: number;
  discovered: number;
  residual: number;
  bias: number;
  logit: number; // what the network itself computed
  sum: number; // what the parts add up to
  shares: { named: number; discovered: number; residual: number };
}

/** An attribute or the residual in a decision, and the larger of its parts below 0. */
export interface Weight {
  kind: "agreement" | "realism" | "residual";
  attribute: Attribute | null; // null of the residual
  value: number;
}

export function decisionOf(about: About, outputs: Outputs, reference: Means | null): Decision {
  const less = (values: number[] | undefined, row: number) => values?.[row] ?? 0;
  let named = 0;
  const bars = about.attributes.map((attribute, row): Bar => {
    const realism = outputs["realism"]![row]! - less(reference?.realism, row);
    let agreement = 0;
    if (attribute.source === "named") {
      agreement = outputs["agreement"]![named]! - less(reference?.agreement, named);
      named += 1;
    }
    return { attribute, agreement, realism, total: agreement + realism };
  });
  const residual = outputs["residual"]![0]! - (reference?.residual ?? 0);
  const bias = reference ? 0 : outputs["bias"]![0]!;
  const mean = reference ? average(reference.logits) : 0;
  const of = (source: string) => bars.filter((bar) => bar.attribute.source === source);
  const agreement = total(of("named").map((bar) => bar.agreement));
  const realism = total(of("named").map((bar) => bar.realism));
  const discovered = total(of("discovered").map((bar) => bar.realism));
  const sizes = {
    named: total(of("named").map((bar) => Math.abs(bar.agreement) + Math.abs(bar.realism))),
    discovered: total(of("discovered").map((bar) => Math.abs(bar.realism))),
    residual: Math.abs(residual),
  };
  const whole = sizes.named + sizes.discovered + sizes.residual || 1;
  return {
    bars,
    agreement,
    realism,
    discovered,
    residual,
    bias,
    logit: outputs["logit"]![0]! - mean,
    sum: bias + agreement + realism + discovered + residual,
    shares: {
      named: sizes.named / whole,
      discovered: sizes.discovered / whole,
      residual: sizes.residual / whole,
    },
  };
}

/** What pulls a score down most, an attribute or the residual; null where nothing does. */
export function weightiest({ bars, residual }: Decision): Weight | null {
  const of = ({ attribute, agreement, realism, total }: Bar): Weight => ({
    kind: agreement < realism ? "agreement" : "realism",
    attribute,
    value: total,
  });
  const all: Weight[] = [...bars.map(of), { kind: "residual", attribute: null, value: residual }];
  const least = all.reduce((one, other) => (other.value < one.value ? other : one));
  return least.value < 0 ? least : null;
}

/** Attribute → what it adds at each level of evidence, where there are several. */
export function levelsOf(
  about: About,
  outputs: Outputs,
  reference: Means | null,
): Map<string, number[]> {
  const found = new Map<string, number[]>();
  if (about.levels < 2) return found;
  for (const kind of ["agreement", "realism"] as const) {
    const rows = about.attributes.filter((each) => kind === "realism" || each.source === "named");
    rows.forEach((attribute, row) => {
      const levels = found.get(attribute.name) ?? Array<number>(about.levels).fill(0);
      const mean = reference?.[`${kind}_levels`][row];
      levels.forEach((each, level) => {
        const value = outputs[`${kind}_levels`]![row * about.levels + level]!;
        levels[level] = each + value - (mean?.[level] ?? 0);
      });
      found.set(attribute.name, levels);
    });
  }
  return found;
}

/** The sum of all attributes at each level. */
export function wholeLevels(levels: Map<string, number[]>): number[] {
  return [...levels.values()].reduce((sum, each) => sum.map((value, n) => value + each[n]!));
}

/** Attribute → what each of the 8×8 places adds, at the first level where there are several;
 * attributes that claim no place are not there. */
export function mapsOf(
  about: About,
  outputs: Outputs,
  reference: Means | null,
): Map<string, Float32Array> {
  const cells = PLACES * PLACES;
  const found = new Map<string, Float32Array>();
  for (const kind of ["agreement", "realism"] as const) {
    const values = outputs[`${kind}_map`];
    if (!values) continue;
    const means = reference ? floats(reference[`${kind}_map`]) : null;
    const rows = about.attributes.filter(
      (each) => each.scope === "local" && (kind === "realism" || each.source === "named"),
    );
    rows.forEach((attribute, row) => {
      const map = found.get(attribute.name) ?? new Float32Array(cells);
      for (let cell = 0; cell < cells; cell++) {
        const at = row * cells + cell;
        map[cell] = map[cell]! + values[at]! - (means ? means[at]! : 0);
      }
      found.set(attribute.name, map);
    });
  }
  return found;
}

/** The sum of all maps. */
export function wholeMap(maps: Map<string, Float32Array>): Float32Array {
  const sum = new Float32Array(PLACES * PLACES);
  for (const map of maps.values()) map.forEach((each, cell) => (sum[cell] = sum[cell]! + each));
  return sum;
}

/** Share of the reference's scores that lie below this one. */
export function rank(logit: number, logits: number[]): number {
  return logits.filter((each) => each < logit).length / Math.max(logits.length, 1);
}

/** What of the picture a place can see: [left, top, right, bottom] in shares of its side. */
export function patch(about: About, cell: number): [number, number, number, number] {
  const ends = (place: number) => about.patches[place]!.map((each) => each / about.size) as [number, number];
  const [left, right] = ends(cell % PLACES);
  const [top, bottom] = ends(Math.floor(cell / PLACES));
  return [left, top, right, bottom];
}

export const total = (values: number[]): number => values.reduce((sum, each) => sum + each, 0);
export const average = (values: number[]): number => total(values) / Math.max(values.length, 1);
