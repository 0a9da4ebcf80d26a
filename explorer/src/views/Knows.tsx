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
  const [found, find] = useState<{ name: string; effects: Effects } | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const effects = found?.name === name ? found.effects : null;
  const start = async () => {
    setShare(0);
    find({ name, effects: await measure(engine, data, attribute, say, setShare) });
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
      <Besides attribute={attribute} measured={effects?.besides ?? null} />
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
      <figure>
        <div class="over">
          <Picture pixels={seen.value?.pixels ?? null} size={data.about.size} label={say("picture")} class="faded" />
          <Picture pixels={coloured(effects.change, most)} size={data.about.size} label={say("mapOf", { name: label(attribute) })} class="cover" />
        </div>
        <figcaption>{say("whereActs")}</figcaption>
      </figure>
      <p class="hint">{say("measuredBy", { count: SAMPLES })}</p>
    </div>
  );
}

/** What flips besides, by the card's judge and, once measured, by the encoder: and which of the two
 * to believe. */
function Besides({ attribute, measured }: { attribute: Attribute; measured: Rate[] | null }) {
  const { data, say, label } = useTools();
  const leakage = data.card?.leakage;
  const all = data.about.attributes
    .filter((each) => each.source === "named" && each !== attribute)
    .map((other) => ({
      other,
      judged: leakage ? pairOf(leakage, attribute.name, other.name) : null,
      read: measured?.find((each) => each.attribute === other) ?? null,
    }));
  const known = all.find((each) => each.judged)?.judged;
  if (!known && !measured) return null;
  const most = ({ judged, read }: (typeof all)[number]) => (known ? judged : read && { rate: read.share })?.rate ?? 0;
  const shown = all.sort((a, b) => most(b) - most(a)).slice(0, BESIDES);
  const told = !known ? "cardSilent" : measured ? "cardBelieved" : "cardTold";
  return (
    <>
      <h3>{say("flips")}</h3>
      <p>{say(told, { edits: known?.edits ?? 0, name: label(attribute) })}</p>
      <table class="rates flips">
        <thead>
          <tr>
            <td />
            <td />
            {known && <th scope="col">{say("byJudge")}</th>}
            {measured && <th scope="col">{say("byEncoder")}</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ other, judged, read }) => {
            const drawn = known ? judged && { ...judged, share: judged.rate } : read;
            return (
              <tr key={other.name}>
                <th scope="row">{label(other)}</th>
                <td>{drawn && <Interval share={drawn.share} low={drawn.low} high={drawn.high} />}</td>
                {known && <td>{judged ? interval(judged.rate, judged.low, judged.high) : "–"}</td>}
                {measured && <td>{read?.trials ? interval(read.share, read.low, read.high) : "–"}</td>}
              </tr>
            );
          })}
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
