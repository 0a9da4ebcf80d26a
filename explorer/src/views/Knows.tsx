// What the model can and cannot do: the card, leakage, every attribute, the training.
import { useEffect, useState } from "preact/hooks";
import { withValue } from "../code";
import { useStore, useTools } from "../context";
import type { Attribute, Claim, Leakage, PageData } from "../data";
import { SAMPLES, measure, type Effects } from "../measure";
import { percent } from "../readings";
import { Strip } from "./Draw";
import { Name } from "./Name";
import { Picture, coloured } from "./Picture";

export function Knows() {
  const { data, store } = useTools();
  const { attribute } = useStore();
  const open = (name: string) => store.set({ attribute: name });
  const scroll = () => document.getElementById("attribute-page")?.scrollIntoView({ block: "start" });
  const show = (name: string) => {
    open(name);
    scroll();
  };
  useEffect(() => {
    if (attribute) scroll();
  }, []);
  return (
    <div class="knows">
      <Card />
      <Success show={show} />
      <Heat show={show} />
      <Page name={attribute ?? data.about.attributes[0]!.name} show={open} />
      <Name />
      <Curves curves={data.curves} />
    </div>
  );
}

/** What does not hold comes first: that is what one cannot rely on. */
const ORDER = ["fail", "cannot tell", "withheld", "pass", "reported"];
const SIGNS = { pass: "✓", fail: "✗", "cannot tell": "?", withheld: "–", reported: "·" };

/** What holds by construction is no claim that was tested, so it gets no tick. */
function Verdict({ claim }: { claim: Claim }) {
  const { say } = useTools();
  const built = claim.by_construction && claim.verdict === "pass";
  return (
    <span class={`chip ${built ? "reported" : claim.verdict.replace(" ", "-")}`}>
      <span aria-hidden="true">{built ? SIGNS.reported : SIGNS[claim.verdict]}</span> {say(built ? "byConstruction" : claim.verdict)}
    </span>
  );
}

function Card() {
  const { data, say } = useTools();
  const at = (claim: Claim) => 2 * ORDER.indexOf(claim.verdict) + Number(claim.by_construction);
  const claims = [...(data.card?.claims ?? [])].sort((a, b) => at(a) - at(b));
  const tested = claims.filter((each) => !each.by_construction && each.verdict !== "reported");
  return (
    <section>
      <h2>{say("cardTitle")}</h2>
      {!data.card && <p>{say("noCard")}</p>}
      {data.card && <p>{say("cardCounts", { pass: tested.filter((each) => each.verdict === "pass").length, count: tested.length })}</p>}
      <ul class="claims">
        {claims.map((claim) => (
          <li key={claim.name}>
            <Verdict claim={claim} />
            <details>
              <summary lang="en">
                {claim.says}
              </summary>
              <p lang="en">{claim.sentence}</p>
            </details>
          </li>
        ))}
      </ul>
      {!!data.notes.length && (
        <>
          <h3>{say("doctor")}</h3>
          <ul lang="en">
            {data.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** How often each attribute shows when it is asked for: what the model can do and what not. */
function Success({ show }: { show: (name: string) => void }) {
  const { data, say, label } = useTools();
  const found = Object.entries(data.card?.success ?? {}).sort((a, b) => a[1][0] - b[1][0]);
  if (!found.length) return null;
  const named = new Map(data.about.attributes.map((each) => [each.name, each]));
  return (
    <section>
      <h2>{say("successTitle")}</h2>
      <p class="hint">{say("successHint", { judge: data.card!.judged_by })}</p>
      <table class="rates">
        <tbody>
          {found.map(([name, [share, low, high]]) => (
            <tr key={name}>
              <th scope="row">
                <button type="button" class="plain" onClick={() => show(name)}>
                  {named.has(name) ? label(named.get(name)!) : name}
                </button>
              </th>
              <td>
                <Interval share={share} low={low} high={high} />
              </td>
              <td>
                {percent(share)} [{percent(low)}, {percent(high)}]
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Interval({ share, low, high }: { share: number; low: number; high: number }) {
  return (
    <span class="interval" aria-hidden="true">
      <span style={`left:${100 * low}%;width:${100 * (high - low)}%`} />
      <i style={`left:${100 * share}%`} />
    </span>
  );
}

/** The leakage matrix; names sort it, cells and names open an attribute. */
function Heat({ show }: { show: (name: string) => void }) {
  const { data, say, label } = useTools();
  const leakage = data.card?.leakage;
  const [sorted, sort] = useState<string | null>(null);
  const labels = new Map(data.about.attributes.map((each) => [each.name, label(each)]));
  if (!leakage) {
    return (
      <section>
        <h2>{say("leakageTitle")}</h2>
        <p>{say("noLeakage")}</p>
      </section>
    );
  }
  const rows = order(leakage, sorted);
  return (
    <section>
      <h2>{say("leakageTitle")}</h2>
      <p class="hint">{say("leakageHint", { judge: data.card!.judged_by })}</p>
      <div class="scroll" tabIndex={0} role="group" aria-label={say("leakageTitle")}>
        <table class="heat">
          <thead>
            <tr>
              <td />
              {leakage.names.map((name) => (
                <th key={name} scope="col" aria-sort={sorted === name ? "descending" : "none"}>
                  <button type="button" onClick={() => sort(sorted === name ? null : name)}>
                    <span>{labels.get(name) ?? name}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={leakage.names[r]}>
                <th scope="row">
                  <button type="button" onClick={() => show(leakage.names[r]!)}>
                    {labels.get(leakage.names[r]!) ?? leakage.names[r]}
                  </button>
                </th>
                {leakage.names.map((name, c) => (
                  <Cell key={name} leakage={leakage} row={r} column={c} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function order(leakage: Leakage, by: string | null): number[] {
  const rows = leakage.names.map((_, n) => n);
  const column = by === null ? -1 : leakage.names.indexOf(by);
  if (column < 0) return rows;
  return rows.sort((a, b) => (leakage.rate[b]![column] ?? -1) - (leakage.rate[a]![column] ?? -1));
}

function Cell({ leakage, row, column }: { leakage: Leakage; row: number; column: number }) {
  const rate = row === column ? null : leakage.rate[row]![column];
  if (rate === null || rate === undefined) return <td class="none" />;
  const share = (values: (number | null)[][]) => {
    const value = values[row]?.[column];
    return value === null || value === undefined ? "?" : percent(value);
  };
  const ends = `${share(leakage.rate)} [${share(leakage.low)}, ${share(leakage.high)}]; data ${share(leakage.data)}`;
  const strength = Math.min(1, rate / 0.5);
  return (
    <td
      class={`${leakage.above[row]?.[column] ? "above" : ""} ${strength > 0.55 ? "dark" : ""}`}
      style={`--strength:${strength}`}
      title={`${leakage.names[row]} → ${leakage.names[column]}: ${ends}`}
    >
      {Math.round(100 * rate)}
    </td>
  );
}

/** One attribute: what it reaches, what flips besides, where it acts, its footprint. */
function Page({ name, show }: { name: string; show: (name: string) => void }) {
  const { data, engine, store, say, label } = useTools();
  const attribute = data.about.attributes.find((each) => each.name === name)!;
  const [effects, setEffects] = useState<Effects | null>(null);
  const [share, setShare] = useState<number | null>(null);
  useEffect(() => {
    setEffects(null);
    setShare(null);
  }, [name]);
  const start = async () => {
    setShare(0);
    const words = { yes: say("yes"), no: say("no") };
    setEffects(await measure(engine, data, attribute, words, setShare));
    setShare(null);
  };
  return (
    <section id="attribute-page">
      <h2>{say("attributeTitle", { name: label(attribute) })}</h2>
      <label class="pick">
        {say("attribute")}
        <select value={name} onChange={(event) => show(event.currentTarget.value)}>
          {data.about.attributes.map((each) => (
            <option key={each.name} value={each.name}>
              {label(each)}
            </option>
          ))}
        </select>
      </label>
      {attribute.description && <p>{attribute.description}</p>}
      <p class="hint">{say("stripHint")}</p>
      <Strip key={name} attribute={attribute} change={(value) => store.look({ code: withValue(attribute, store.state.look.code, value) })} />
      {!effects && (
        <button type="button" class="main" disabled={share !== null} onClick={() => void start()}>
          {share === null ? say("measure", { count: SAMPLES }) : say("measuring", { share: percent(share) })}
        </button>
      )}
      <div aria-live="polite">{effects && <Measured attribute={attribute} effects={effects} />}</div>
      <Footprint data={data} attribute={attribute} />
    </section>
  );
}

const BESIDES = 8;

function Measured({ attribute, effects }: { attribute: Attribute; effects: Effects }) {
  const { data, say, label, seen } = useTools();
  const most = Math.max(...effects.change, 1e-6);
  return (
    <div class="measured">
      <ul>
        {effects.reached.map(({ target, rate }) => (
          <li key={target}>
            {rate.trials
              ? say("reachedShare", { target, share: percent(rate.share), low: percent(rate.low), high: percent(rate.high) })
              : `${target}: –`}
          </li>
        ))}
      </ul>
      <div class="beside">
        <div>
          <h3>{say("flips")}</h3>
          <table class="rates">
            <tbody>
              {effects.besides.slice(0, BESIDES).map((rate) => (
                <tr key={rate.attribute.name}>
                  <th scope="row">{label(rate.attribute)}</th>
                  <td>
                    <Interval share={rate.share} low={rate.low} high={rate.high} />
                  </td>
                  <td>
                    {percent(rate.share)} [{percent(rate.low)}, {percent(rate.high)}]
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <figure>
          <div class="over">
            <Picture pixels={seen.value?.pixels ?? null} size={data.about.size} label={say("picture")} class="faded" />
            <Picture pixels={coloured(effects.change, most)} size={data.about.size} label={say("mapOf", { name: label(attribute) })} class="cover" />
          </div>
          <figcaption>{say("whereActs")}</figcaption>
        </figure>
      </div>
      <p class="hint">{say("measuredBy", { count: SAMPLES })}</p>
    </div>
  );
}

function Footprint({ data, attribute }: { data: PageData; attribute: Attribute }) {
  const { say } = useTools();
  const row = data.footprint.shares[data.about.attributes.indexOf(attribute)] ?? [];
  const most = Math.max(...data.footprint.shares.flat(), 1e-9);
  return (
    <div>
      <h3>{say("footprint")}</h3>
      <p class="hint">{say("footprintHint")}</p>
      <table class="rates">
        <tbody>
          {data.footprint.layers.map((layer, n) => (
            <tr key={layer}>
              <th scope="row" title={layer}>
                {layerName(layer)}
              </th>
              <td>
                <span class="meter" aria-hidden="true">
                  <span style={`width:${(100 * row[n]!) / most}%`} />
                </span>
              </td>
              <td>{(100 * row[n]!).toFixed(1)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Where in the generator a layer is: the side of its features, and which of a stage it is. */
function layerName(layer: string): string {
  const stage = /^stages\.(\d+)\.modulations\.(\d+)$/.exec(layer);
  if (layer === "basis") return "4 × 4";
  if (!stage) return layer.replace(/\.modulation$/, "").replaceAll("_", " ");
  const side = 8 * 2 ** Number(stage[1]);
  return `${side} × ${side}, ${Number(stage[2]) + 1}`;
}

const [WIDTH, HEIGHT] = [220, 70];

function Curves({ curves }: { curves: PageData["curves"] }) {
  const { say } = useTools();
  const names = Object.keys(curves.series);
  if (!names.length) return null;
  const last = curves.images.at(-1)!;
  return (
    <section>
      <h2>{say("curvesTitle")}</h2>
      <div class="curves">
        {names.map((name) => {
          const values = curves.series[name]!;
          const known = values.filter((each): each is number => each !== null);
          const [low, high] = [Math.min(...known, 0), Math.max(...known, 1e-9)];
          const points = values.flatMap((each, n) =>
            each === null ? [] : [`${((curves.images[n]! / last) * WIDTH).toFixed(1)},${(HEIGHT - ((each - low) / (high - low)) * HEIGHT).toFixed(1)}`],
          );
          return (
            <figure key={name}>
              <svg viewBox={`-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`} role="img" aria-label={`${name}: ${known[0]?.toPrecision(2)} → ${known.at(-1)?.toPrecision(2)}`}>
                <polyline points={points.join(" ")} fill="none" stroke="currentColor" stroke-width="1.5" />
              </svg>
              <figcaption lang="en">
                {name} <small>{known.at(-1)?.toPrecision(2)}</small>
              </figcaption>
            </figure>
          );
        })}
      </div>
      <p class="hint">
        0 – {last.toLocaleString()} {say("images")}
      </p>
    </section>
  );
}
