// The decision taken apart: bars that sum to the score, and where they come from.
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { percent, signed, worded } from "../code";
import { useObserved, useTools } from "../context";
import type { Attribute } from "../data";
import type { Bar, Decision } from "../decision";
import { PLACES, decisionOf, levelsOf, mapsOf, rank, weightiest, wholeLevels, wholeMap } from "../decision";

const SHOWN = 12;
const SAID = 3;

export interface Asked {
  compared: boolean;
  claimRead: boolean;
}

export function Why({ asked, ask }: { asked: Asked; ask: (asked: Asked) => void }) {
  const tools = useTools();
  const { data, store, say, label, overlay, pointed } = tools;
  const outputs = useObserved(tools.seen)?.outputs;
  const place = useObserved(pointed);
  const [hovered, hover] = useState<string | null>(null);
  const [all, showAll] = useState(false);
  const means = data.reference?.[asked.claimRead ? "read" : "asked"] ?? null;
  const reference = asked.compared ? means : null;
  const found = useMemo(() => {
    if (!data.about.explains || !outputs) return null;
    const maps = mapsOf(data.about, outputs, reference);
    const levels = levelsOf(data.about, outputs, reference);
    return { decision: decisionOf(data.about, outputs, reference), maps, levels, whole: wholeMap(maps) };
  }, [outputs, reference]);

  useEffect(() => {
    if (!found) return;
    const map = hovered === null ? found.whole : (found.maps.get(hovered) ?? null);
    overlay.set({ map, limit: strongestOf(hovered === null ? [found.whole] : [...found.maps.values()]), place });
  }, [found, hovered, place]);
  useEffect(
    () => () => {
      pointed.set(null);
      overlay.set({ map: null, limit: 1, place: null });
    },
    [],
  );

  if (!data.about.explains) return <p>{say("whyOpaque")}</p>;
  if (!found) return <p>{say("judging")}</p>;
  const { decision, maps, levels } = found;
  const ranked = [...decision.bars].sort((a, b) => Math.abs(b.total) - Math.abs(a.total));
  const shown = all ? ranked : ranked.slice(0, SHOWN);
  const claim = asked.claimRead ? outputs!["read_code"]! : store.state.look.code;
  const said = (attribute: Attribute) =>
    attribute.source === "named"
      ? say(asked.claimRead ? "readAs" : "askedAs", { value: worded(attribute, claim, say) })
      : null;
  const widest = Math.max(...ranked.map(extent), Math.abs(decision.residual), 1e-9);
  return (
    <div class="why">
      <p class="verdict" aria-live="polite">
        {verdict()}
      </p>
      <p>{sentence()}</p>
      <Sum decision={decision} />
      <div class="place-says" aria-live="polite">
        {place === null ? <p class="hint">{say("mapHint")}</p> : <PlaceSays place={place} maps={maps} />}
      </div>
      <Legend />
      {levels.size > 0 && <Levels levels={levels} hovered={hovered} placed={hovered === null || maps.has(hovered)} />}
      <div class={`bars ${place === null ? "" : "placed"}`} onPointerLeave={() => hover(null)}>
        {shown.map((bar) => (
          <BarRow
            key={bar.attribute.name}
            bar={bar}
            widest={widest}
            name={label(bar.attribute)}
            said={said(bar.attribute)}
            mapped={maps.has(bar.attribute.name)}
            hover={hover}
            hovered={hovered === bar.attribute.name}
            here={place === null ? null : (maps.get(bar.attribute.name)?.[place] ?? null)}
          />
        ))}
        {ranked.length > SHOWN && !all && <Rest bars={ranked.slice(SHOWN)} widest={widest} say={say} />}
        <Row name={say("residual")} kind="residual" value={decision.residual} widest={widest} />
        {!reference && <Row name={say("bias")} kind="bias" value={decision.bias} widest={widest} hint={say("biasSays")} />}
      </div>
      {ranked.length > SHOWN && (
        <button type="button" onClick={() => showAll(!all)}>
          {all ? say("fewerBars") : say("allBars", { count: ranked.length })}
        </button>
      )}
      <Shares decision={decision} />
      <div class="choices">
        {data.reference && (
          <label>
            <input type="checkbox" checked={asked.compared} onChange={() => ask({ ...asked, compared: !asked.compared })} />
            {say("compared", { count: data.reference.count })}
          </label>
        )}
        <label>
          <input type="radio" name="claim" checked={!asked.claimRead} onChange={() => ask({ ...asked, claimRead: false })} />
          {say("claimAsked")}
        </label>
        <label>
          <input type="radio" name="claim" checked={asked.claimRead} onChange={() => ask({ ...asked, claimRead: true })} />
          {say("claimRead")}
        </label>
      </div>
    </div>
  );

  function verdict(): string {
    if (!means || !reference) return say("scoreAlone", { score: signed(decision.logit) });
    const below = rank(outputs!["logit"]![0]!, means.logits);
    const side = below < 0.5 ? "lessReal" : "moreReal";
    const share = percent(Math.max(below, 1 - below));
    return say("scoreAgainst", { side: say(side), share, count: data.reference!.count, weight: weight() });
  }

  function weight(): string {
    const found = weightiest(decision);
    if (!found) return say("byNothing");
    const value = signed(found.value);
    if (!found.attribute) return say("byResidual", { value });
    const agreement = asked.claimRead ? "byClaimRead" : "byAgreement";
    return say(found.kind === "agreement" ? agreement : "byRealism", { name: label(found.attribute), value });
  }

  function sentence(): string {
    const side = (sign: number) =>
      ranked
        .filter((bar) => Math.sign(bar.total) === sign)
        .slice(0, SAID)
        .map((bar) => `${label(bar.attribute)} (${signed(bar.total)})`)
        .join(", ");
    const [up, down] = [side(1), side(-1)];
    return say("sentence", {
      up: up ? say("up", { names: up }) : "",
      down: down ? say("down", { names: down }) : "",
    });
  }
}

const extent = (bar: Bar) => {
  const parts = [bar.agreement, bar.realism];
  return Math.max(...[1, -1].map((side) => parts.filter((p) => p * side > 0).reduce((s, p) => s + Math.abs(p), 0)));
};

const strongestOf = (maps: Float32Array[]) =>
  maps.reduce((most, map) => Math.max(most, ...map.map(Math.abs)), 0);

/** bias + agreement + realism + discovered + residual = score, and that it is so. */
function Sum({ decision }: { decision: Decision }) {
  const { say } = useTools();
  const parts = (["bias", "agreement", "realism", "discovered", "residual"] as const).filter(
    (part) => part !== "bias" || decision.bias,
  );
  const name = { bias: say("bias"), agreement: say("agreement"), realism: say("realism"), discovered: say("discoveredPart"), residual: say("residual") };
  return (
    <div class="sum">
      {parts.map((part, n) => (
        <span key={part} class="term">
          {n > 0 && <span class="plus">+</span>}
          <span class={`number ${decision[part] < 0 ? "against" : "for"}`}>
            {signed(decision[part])} <small>{name[part]}</small>
          </span>
        </span>
      ))}
      <span class="term">
        <span class="plus">=</span>
        <strong class="number">
          {signed(decision.logit)} <small>{say("logit")}</small>
        </strong>
      </span>
      <p class="hint" id="sum-check">
        {say("sumCheck", { sum: signed(decision.sum, 4), logit: signed(decision.logit, 4) })}
      </p>
    </div>
  );
}

const PARTS = [
  ["agreement", "agreement", "agreementSays"],
  ["realism", "realism", "realismSays"],
  ["found", "discoveredPart", "discoveredSays"],
  ["residual", "residual", "residualSays"],
] as const;

/** What the parts of a bar are. */
function Legend() {
  const { say } = useTools();
  return (
    <ul class="legend">
      {PARTS.map(([part, name, says]) => (
        <li key={part}>
          <span class={`key ${part} for`} aria-hidden="true" />
          <span class={`key ${part} against`} aria-hidden="true" />
          {say(name)}: {say(says)}
        </li>
      ))}
      <li class="sides">
        <span>← {say("against")}</span> <span>{say("forReal")} →</span>
      </li>
    </ul>
  );
}

/** What each level of evidence adds: of the attribute that is pointed at, or of all. */
function Levels({ levels, hovered, placed }: { levels: Map<string, number[]>; hovered: string | null; placed: boolean }) {
  const { data, say, label } = useTools();
  const attribute = data.about.attributes.find((each) => each.name === hovered);
  const values = attribute ? levels.get(attribute.name)! : wholeLevels(levels);
  const widest = Math.max(...values.map(Math.abs), 1e-9);
  return (
    <section class="levels">
      <h3>{attribute ? say("levelsOf", { name: label(attribute) }) : say("levelsOfAll")}</h3>
      <p class="hint">{say("levelSays")}</p>
      {values.map((value, level) => (
        <Row
          key={level}
          name={say("level", { number: level + 1 })}
          hint={say(level === 0 && placed ? "levelPlaces" : "wholeImage")}
          kind="level"
          value={value}
          widest={widest}
        />
      ))}
    </section>
  );
}

interface Barred {
  bar: Bar;
  widest: number;
  name: string;
  said: string | null; // what was claimed of it
  mapped: boolean;
  hovered: boolean;
  hover: (name: string | null) => void;
  here: number | null;
}

function BarRow({ bar, widest, name, said, mapped, hovered, hover, here }: Barred) {
  const { say } = useTools();
  const { attribute } = bar;
  const show = () => hover(attribute.name);
  const about = mapped ? say("mapOf", { name }) : say("wholeImage");
  const noted = [said, mapped ? null : say("wholeImage")].filter(Boolean).join(", ");
  const at = here === null ? "" : signed(here, 3);
  const parts = `${say("agreement")} ${signed(bar.agreement)}, ${say("realism")} ${signed(bar.realism)}`;
  return (
    <button
      type="button"
      class={`row ${hovered ? "hovered" : ""}`}
      onPointerEnter={show}
      onFocus={show}
      onBlur={() => hover(null)}
      onClick={show}
      title={about}
      aria-label={`${name} ${noted} ${signed(bar.total)} ${at} ${parts}`} // begins with what is seen
    >
      <span class="name">
        {name} <small>{noted}</small>
      </span>
      <Pieces
        widest={widest}
        pieces={[
          ["agreement", bar.agreement],
          [attribute.source === "discovered" ? "found" : "realism", bar.realism],
        ]}
      />
      <span class="value">{signed(bar.total)}</span>
      {here !== null && <span class={`here ${here < 0 ? "against" : "for"}`}>{at}</span>}
    </button>
  );
}

interface Plain {
  name: string;
  kind: string;
  value: number;
  widest: number;
  hint?: ComponentChildren;
}

function Row({ name, kind, value, widest, hint }: Plain) {
  return (
    <div class="row">
      <span class="name">
        {name} {hint && <small>{hint}</small>}
      </span>
      <Pieces widest={widest} pieces={[[kind, value]]} />
      <span class="value">{signed(value)}</span>
    </div>
  );
}

/** The bars that are not shown, as one, so that the sum stays visible. */
function Rest({ bars, widest, say }: { bars: Bar[]; widest: number; say: ReturnType<typeof useTools>["say"] }) {
  const value = bars.reduce((sum, bar) => sum + bar.total, 0);
  return <Row name={say("moreBars", { count: bars.length })} kind="rest" value={value} widest={widest} />;
}

/** Pieces of a bar from its middle outwards, those below 0 to the left. */
function Pieces({ pieces, widest }: { pieces: [string, number][]; widest: number }) {
  const ends = { left: 0, right: 0 };
  return (
    <span class="track" aria-hidden="true">
      {pieces
        .filter(([, value]) => value)
        .map(([kind, value]) => {
          const side = value < 0 ? "left" : "right";
          const width = (50 * Math.min(Math.abs(value), widest)) / widest;
          const begin = ends[side];
          ends[side] += width;
          const left = side === "left" ? 50 - begin - width : 50 + begin;
          return <span key={kind} class={`piece ${kind} ${value < 0 ? "against" : "for"}`} style={`left:${left}%;width:${width}%`} />;
        })}
      <span class="zero" />
    </span>
  );
}

function PlaceSays({ place, maps }: { place: number; maps: Map<string, Float32Array> }) {
  const { data, say, label } = useTools();
  const said = data.about.attributes
    .filter((each) => maps.has(each.name))
    .map((each) => [label(each), maps.get(each.name)![place]!] as const)
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
    .slice(0, 6);
  return (
    <>
      <strong>{say("placeSays", { row: Math.floor(place / PLACES) + 1, column: (place % PLACES) + 1 })}</strong>
      <ul>
        {said.map(([name, value]) => (
          <li key={name}>
            {name} <span class={value < 0 ? "against" : "for"}>{signed(value, 3)}</span>
          </li>
        ))}
      </ul>
      <small>{say("placeSees")}</small>
    </>
  );
}

function Shares({ decision }: { decision: Decision }) {
  const { say } = useTools();
  const { named, discovered, residual } = decision.shares;
  const told = say("covered", { named: percent(named), discovered: percent(discovered), residual: percent(residual) });
  return (
    <div class="shares">
      <div class="stack" aria-hidden="true">
        <span class="named" style={`width:${100 * named}%`} />
        <span class="found" style={`width:${100 * discovered}%`} />
        <span class="left" style={`width:${100 * residual}%`} />
      </div>
      <p>{told}</p>
    </div>
  );
}
