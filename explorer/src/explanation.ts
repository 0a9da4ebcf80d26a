// The explanation of the present picture as JSON, with names.
import { valueOf } from "./code";
import type { PageData } from "./data";
import { decisionOf, levelsOf, mapsOf } from "./decision";
import type { Outputs } from "./messages";
import type { Look } from "./store";

/** What was asked, the decision term by term, and what is read; null while nothing was judged. */
export function explanation(data: PageData, look: Look, outputs: Outputs | undefined) {
  if (!outputs || !data.about.explains) return null;
  const decision = decisionOf(data.about, outputs, null);
  const maps = mapsOf(data.about, outputs, null);
  const levels = levelsOf(data.about, outputs, null);
  return {
    model: { name: data.name, kind: data.about.model, version: data.about.version },
    asked: Object.fromEntries(
      data.about.attributes.map((each) => [each.name, valueOf(each, look.code)]),
    ),
    code: [...look.code],
    style: [...look.style],
    logit: decision.logit,
    sum: decision.sum,
    bias: decision.bias,
    residual: decision.residual,
    shares: decision.shares,
    terms: decision.bars.map((bar) => ({
      attribute: bar.attribute.name,
      source: bar.attribute.source,
      agreement: bar.agreement,
      realism: bar.realism,
      total: bar.total,
      levels: levels.get(bar.attribute.name) ?? null,
      map: maps.has(bar.attribute.name) ? [...maps.get(bar.attribute.name)!] : null,
    })),
    reading: Object.fromEntries(
      data.about.attributes.map((each) => [
        each.name,
        [...outputs["reading"]!.subarray(...each.columns)],
      ]),
    ),
  };
}
