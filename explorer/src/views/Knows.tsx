// What the model can and cannot do: the card, leakage, every attribute, the training.
import { useEffect, useState } from "preact/hooks";
import { pairOf } from "../card";
import { percent, withValue } from "../code";
import { useStore, useTools } from "../context";
import type { Attribute, PageData } from "../data";
import { SAMPLES, measure, type Effects, type Rate } from "../measure";
import { Card, Interval, Success, interval } from "./Card";
import { Curves } from "./Curves";
import { Strip } from "./Draw";
import { Heat } from "./Leakage";
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
    setEffects(await measure(engine, data, attribute, say, setShare));
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
          <Besides attribute={attribute} besides={effects.besides} />
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

/** What flipped besides, as read here and as the card's judge has it, and which of the two to
 * believe; sorted by the card where it knows. */
function Besides({ attribute, besides }: { attribute: Attribute; besides: Rate[] }) {
  const { data, say, label } = useTools();
  const leakage = data.card?.leakage;
  const judgedOf = (rate: Rate) => (leakage ? pairOf(leakage, attribute.name, rate.attribute.name) : null);
  const all = besides.map((rate) => ({ rate, judged: judgedOf(rate) }));
  const known = all.find((each) => each.judged)?.judged;
  const shown = all.sort((a, b) => (b.judged?.rate ?? 0) - (a.judged?.rate ?? 0)).slice(0, BESIDES);
  return (
    <>
      <p class="believe">{known ? say("cardBelieved", { edits: known.edits, name: label(attribute) }) : say("cardSilent", { name: label(attribute) })}</p>
      <table class="rates">
        <thead>
          <tr>
            <td />
            <td />
            <th scope="col">{say("byEncoder")}</th>
            {known && <th scope="col">{say("byJudge")}</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ rate, judged }) => (
            <tr key={rate.attribute.name}>
              <th scope="row">{label(rate.attribute)}</th>
              <td>
                <Interval share={rate.share} low={rate.low} high={rate.high} />
              </td>
              <td>{rate.trials ? interval(rate.share, rate.low, rate.high) : "–"}</td>
              {known && <td>{judged ? interval(judged.rate, judged.low, judged.high) : "–"}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </>
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
