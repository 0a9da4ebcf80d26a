// A | B: what is different, and what the encoder reads otherwise.
import { useEffect, useState } from "preact/hooks";
import { useObserved, useStore, useTools } from "../context";
import type { Attribute } from "../data";
import type { Seen } from "../engine";
import { moved } from "../pixels";
import { agrees, differ, namedReadings } from "../readings";
import { Picture, coloured } from "./Picture";

export function Compare() {
  const tools = useTools();
  const { data, engine, store, say } = tools;
  const { pinned, look, photo, keepDetails } = useStore();
  const now = useObserved(tools.seen);
  const [before, show] = useState<Seen | null>(null);
  useEffect(() => {
    if (!pinned) return show(null);
    const { code, style, details } = pinned;
    void engine.draw({ code, style, count: 1, read: true, details }).then(show);
  }, [pinned]);
  const pin = () => store.set({ pinned: { ...look, details: photo && keepDetails ? photo.details : undefined } });
  if (!pinned) {
    return (
      <div class="compare">
        <p>{say("pinHint")}</p>
        <button type="button" class="main" onClick={pin}>
          {say("pin")}
        </button>
      </div>
    );
  }
  const { size, channels } = data.about;
  const swap = () => {
    store.settle();
    store.set({ pinned: { ...look, details: pinned.details } });
    store.look({ code: pinned.code, style: pinned.style });
    store.settle();
  };
  const difference = before && now && moved(before.image, now.image, channels);
  return (
    <div class="compare">
      <div class="pair">
        <figure>
          <Picture pixels={before && before.pixels} size={size} label="A" />
          <figcaption>A</figcaption>
        </figure>
        <figure>
          <Picture pixels={now && now.pixels} size={size} label="B" />
          <figcaption>B</figcaption>
        </figure>
        <figure>
          <Picture pixels={difference && coloured(difference, Math.max(...difference, 0.05))} size={size} label={say("difference")} class="difference" />
          <figcaption>{say("difference")}</figcaption>
        </figure>
      </div>
      <div class="actions">
        <button type="button" onClick={swap}>
          {say("swap")}
        </button>
        <button type="button" onClick={pin}>
          {say("pin")}
        </button>
      </div>
      {before?.outputs && now?.outputs && <Changes before={before} after={now} />}
    </div>
  );
}

function Changes({ before, after }: { before: Seen; after: Seen }) {
  const { data, say, label } = useTools();
  const { pinned, look } = useStore();
  const was = namedReadings(data.about, before.outputs!["reading"]!, say);
  const is = namedReadings(data.about, after.outputs!["reading"]!, say);
  const asked = (attribute: Attribute) => {
    const [start, stop] = attribute.columns;
    return pinned!.code.subarray(start, stop).some((each, n) => Math.abs(each - look.code[start + n]!) > 0.01);
  };
  const changes = was
    .map((one, n) => ({ one, other: is[n]!, asked: asked(one.attribute) }))
    .filter(({ one, other, asked }) => asked || differ(one, other))
    .sort((a, b) => Math.abs(b.one.share - b.other.share) - Math.abs(a.one.share - a.other.share));
  const list = (title: string, wanted: boolean) => {
    const mine = changes.filter((each) => each.asked === wanted);
    return (
      <section>
        <h3>{title}</h3>
        {!mine.length && <p>{say("nothingChanged")}</p>}
        {!!mine.length && (
          <ul class="changes">
            {mine.map(({ one, other }) => {
              const reached = wanted && agrees(other, look.code);
              return (
                <li key={one.attribute.name} class={reached ? "wanted" : "unwanted"}>
                  <strong>{label(one.attribute)}</strong> {one.text} → {other.text}
                  {wanted && !reached && <small> {say("notReached")}</small>}
                </li>
              );
            })}
          </ul>
        )}
      </section>
    );
  };
  return (
    <div>
      <h2>{say("changed")}</h2>
      {list(say("wanted"), true)}
      {list(say("unwanted"), false)}
      <p class="hint">{say("encoderCaution")}</p>
    </div>
  );
}
