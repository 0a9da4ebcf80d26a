// A name for what training discovered, after a test whether people see it.
import { useEffect, useState } from "preact/hooks";
import { useStore, useTools } from "../context";
import type { Attribute } from "../data";
import { percent, withValue } from "../code";
import { download } from "../download";
import { pick } from "../random";
import { wilson } from "../readings";
import { otherStyle } from "../store";
import { joined } from "./Grid";
import { Picture, nth } from "./Picture";

const TRIALS = 10;
const GUESSING = 0.5;

/** Two pictures that differ in one attribute only, and which has more of it. */
interface Pair {
  pixels: Uint8ClampedArray;
  more: 0 | 1;
}

export function Name() {
  const { data, say, label } = useTools();
  const found = data.about.attributes.filter((each) => each.source === "discovered");
  const [name, choose] = useState(found[0]?.name ?? "");
  const attribute = found.find((each) => each.name === name);
  if (!attribute) return null;
  return (
    <section class="name-it">
      <h2>{say("nameTitle")}</h2>
      <label class="pick">
        {say("attribute")}
        <select value={name} onChange={(event) => choose(event.currentTarget.value)}>
          {found.map((each) => (
            <option key={each.name} value={each.name}>
              {label(each)}
            </option>
          ))}
        </select>
      </label>
      <Test key={name} attribute={attribute} />
    </section>
  );
}

function Test({ attribute }: { attribute: Attribute }) {
  const { data, say } = useTools();
  const draw = usePairs(attribute);
  const [example, showExample] = useState<Pair | null>(null);
  const [pair, show] = useState<Pair | null>(null);
  const { store } = useTools();
  const { done, hits } = useStore().tests[attribute.name] ?? { done: 0, hits: 0 };
  const size = data.about.size;
  useEffect(() => {
    void draw(1).then(showExample);
  }, []);
  const next = () => void draw(Math.random() < 0.5 ? 0 : 1).then(show);
  const answer = (chosen: number) => {
    const right = chosen === pair!.more ? 1 : 0;
    store.set({ tests: { ...store.state.tests, [attribute.name]: { done: done + 1, hits: hits + right } } });
    if (done + 1 < TRIALS) next();
    else show(null);
  };
  if (done === TRIALS) return <Score attribute={attribute} hits={hits} />;
  const shown = pair ?? example;
  return (
    <div>
      <p>{say("nameHint")}</p>
      <p aria-live="polite">
        <strong>{pair ? say("whichMore", { n: done + 1, count: TRIALS }) : say("look")}</strong>
      </p>
      <div class="pair">
        {[0, 1].map((n) => (
          <button key={n} type="button" class="thumb" disabled={!pair} onClick={() => answer(n)} aria-label={say(n ? "second" : "first")}>
            <Picture pixels={shown && nth(shown.pixels, size, n)} size={size} label={say(n ? "second" : "first")} />
          </button>
        ))}
      </div>
      {!pair && (
        <div class="actions">
          <button type="button" class="main" onClick={next}>
            {say("start")}
          </button>
          <button type="button" onClick={() => void draw(1).then(showExample)}>
            {say("again")}
          </button>
        </div>
      )}
    </div>
  );
}

/** Draws a pair at both ends of the attribute. */
function usePairs(attribute: Attribute): (more: 0 | 1) => Promise<Pair> {
  const { data, engine, codes } = useTools();
  return async (more) => {
    const code = pick(codes);
    const style = otherStyle(data.about.style);
    const ends = more ? [-1, 1] : [1, -1];
    const { pixels } = await engine.draw({
      code: joined(ends.map((end) => withValue(attribute, code, end))),
      style: joined([style, style]),
      count: 2,
      read: false,
    });
    return { pixels, more };
  };
}

function Score({ attribute, hits }: { attribute: Attribute; hits: number }) {
  const { data, say, store, tell } = useTools();
  const { aliases } = useStore();
  const [alias, write] = useState(aliases[attribute.name] ?? "");
  const [low, high] = wilson(hits, TRIALS);
  const test = { hits, trials: TRIALS, low, high };
  const save = async (event: Event) => {
    event.preventDefault();
    const said = { name: attribute.name, alias };
    store.set({ aliases: { ...aliases, [attribute.name]: alias } });
    if (!data.served) {
      download(`${attribute.name}.json`, JSON.stringify({ ...said, test }, null, 1), "application/json");
      return tell(say("savedFile", said));
    }
    const answer = await fetch("name", { method: "POST", body: JSON.stringify({ ...said, test }), headers: { "Content-Type": "application/json" } });
    tell(answer.ok ? say("savedRun", said) : say("notSaved", { error: await answer.text() }));
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <p aria-live="polite">
        {say("scored", {
          hits,
          count: TRIALS,
          share: percent(hits / TRIALS),
          low: percent(low),
          high: percent(high),
          verdict: say(low > GUESSING ? "seen" : "unseen"),
        })}
      </p>
      <label class="pick">
        {say("yourName")}
        <input value={alias} maxLength={60} required onInput={(event) => write(event.currentTarget.value)} />
      </label>
      <button type="submit" class={low > GUESSING ? "main" : ""}>
        {say("saveName")}
      </button>
    </form>
  );
}
