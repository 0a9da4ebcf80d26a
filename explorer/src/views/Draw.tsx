// Every attribute as a slider, a switch or a menu.
import { memo } from "preact/compat";
import { useMemo, useState } from "preact/hooks";
import { isUnusual, valueOf, withValue, worded } from "../code";
import { useStore, useTools } from "../context";
import type { Attribute } from "../data";
import { Picture, nth } from "./Picture";

export function Draw() {
  const { data, store, say, label } = useTools();
  const [sought, seek] = useState("");
  const groups = useMemo(() => grouped(data.about.attributes), [data]);
  const wanted = (attribute: Attribute) =>
    [label(attribute), attribute.name, attribute.group, attribute.description].some((text) =>
      text.toLowerCase().includes(sought.trim().toLowerCase()),
    );
  const shown = groups
    .map(([group, attributes]) => [group, attributes.filter(wanted)] as const)
    .filter(([, attributes]) => attributes.length);
  return (
    <div class="draw">
      {data.about.attributes.length > 8 && (
        <input
          type="search"
          class="search"
          placeholder={say("search")}
          aria-label={say("search")}
          value={sought}
          onInput={(event) => seek(event.currentTarget.value)}
        />
      )}
      <p class="hint keys">
        <span>
          <span class="band-sample" aria-hidden="true" /> {say("usualBand")}
        </span>
        <span>
          <span class="tag">{say("unusual")}</span> {say("unusualHint")}
        </span>
        <span aria-hidden="true">
          <StripIcon /> {say("stripKey")}
        </span>
        <span aria-hidden="true">
          <LockIcon closed={false} /> {say("lockKey")}
        </span>
      </p>
      {!shown.length && <p>{say("nothingFound")}</p>}
      {shown.map(([group, attributes]) => (
        <details key={group} class="group" open={!!sought || group !== DISCOVERED}>
          <summary>
            {group === DISCOVERED ? say("discovered") : group || say("otherGroup")}{" "}
            <small>{attributes.length}</small>
          </summary>
          {group === DISCOVERED && (
            <p class="hint">
              {say("discoveredHint")}{" "}
              <button type="button" class="link" onClick={() => store.set({ view: "knows" })}>
                {say("nameTitle")}
              </button>
            </p>
          )}
          <div class="controls">
            {attributes.map((attribute) => (
              <Control key={attribute.name} attribute={attribute} />
            ))}
          </div>
        </details>
      ))}
    </div>
  );
}

const DISCOVERED = "\u0000discovered";

/** Groups in the order in which they first occur, what training discovered last. */
function grouped(attributes: Attribute[]): [string, Attribute[]][] {
  const groups = new Map<string, Attribute[]>();
  for (const each of attributes) {
    const group = each.source === "discovered" ? DISCOVERED : each.group;
    groups.set(group, [...(groups.get(group) ?? []), each]);
  }
  return [...groups];
}

function Control({ attribute }: { attribute: Attribute }) {
  const { store, label } = useTools();
  const { look, locked } = useStore();
  const [start, stop] = attribute.columns;
  const key = look.code.subarray(start, stop).join();
  const change = useMemo(
    () => (value: number | string) =>
      store.look({ code: withValue(attribute, store.state.look.code, value) }),
    [attribute, store],
  );
  return (
    <Face
      attribute={attribute}
      name={label(attribute)}
      columns={key}
      locked={locked.has(attribute.name)}
      change={change}
    />
  );
}

interface Face {
  attribute: Attribute;
  name: string;
  columns: string; // of the code, as text: the face changes only with them
  locked: boolean;
  change: (value: number | string) => void;
}

const Face = memo(({ attribute, name, locked, change }: Face) => {
  const { store, usual, say } = useTools();
  const [strip, setStrip] = useState(false);
  const code = store.state.look.code;
  const mine = usual.get(attribute.name)!;
  const id = `attribute-${attribute.columns[0]}`;
  const unusual = isUnusual(attribute, mine, code);
  const toggle = () => {
    const kept = new Set(store.state.locked);
    if (!kept.delete(attribute.name)) kept.add(attribute.name);
    store.set({ locked: kept });
  };
  return (
    <div class={`control ${unusual ? "unusual" : ""}`}>
      <label for={id} title={attribute.description || undefined}>
        {name}
      </label>
      <output for={id}>
        {unusual && <span class="tag">{say("unusual")}</span>}
        {attribute.kind !== "categorical" && worded(attribute, code, say)}
      </output>
      <div class="inputs">
        {attribute.kind === "categorical" ? (
          <select id={id} value={String(valueOf(attribute, code))} onChange={(event) => change(event.currentTarget.value)}>
            {attribute.levels.map((level, n) => (
              <option key={level} value={level}>
                {level} ({Math.round(100 * mine.frequency[n]!)} %)
              </option>
            ))}
          </select>
        ) : (
          <Slider id={id} attribute={attribute} column={code[attribute.columns[0]]!} change={change} />
        )}
        {attribute.kind === "binary" && (
          <button
            type="button"
            role="switch"
            class="switch"
            aria-checked={code[attribute.columns[0]]! > 0}
            aria-label={`${name}: ${say("on")}`}
            title={say("on")}
            onClick={() => change(code[attribute.columns[0]]! > 0 ? -1 : 1)}
          />
        )}
        <button type="button" class="icon" aria-pressed={locked} aria-label={say("lock", { name })} title={say("lock", { name })} onClick={toggle}>
          <LockIcon closed={locked} />
        </button>
        <button
          type="button"
          class="icon"
          aria-expanded={strip}
          aria-label={say("strip", { name })}
          title={say("strip", { name })}
          onClick={() => setStrip(!strip)}
        >
          <StripIcon />
        </button>
      </div>
      {strip && <Strip attribute={attribute} change={change} />}
      {strip && (
        <button type="button" class="plain besides" onClick={() => store.set({ view: "knows", attribute: attribute.name })}>
          {say("besides")}
        </button>
      )}
    </div>
  );
});

function Slider({ id, attribute, column, change }: { id: string; attribute: Attribute; column: number; change: (value: number) => void }) {
  const { usual, store, say } = useTools();
  const { low, high } = usual.get(attribute.name)!;
  const at = (value: number) => `${50 * (value + 1)}%`;
  const code = store.state.look.code;
  return (
    <input
      id={id}
      type="range"
      min={-1}
      max={1}
      step={0.01}
      value={column}
      style={`--low:${at(low)};--high:${at(high)}`}
      aria-valuetext={worded(attribute, code, say)}
      onInput={(event) => change(Number(event.currentTarget.value))}
      onChange={() => store.settle()}
      onDblClick={() => change(0)}
    />
  );
}

const VALUES = [-1, -0.5, 0, 0.5, 1];

/** The present picture at several values of an attribute; one can be chosen. */
export function Strip({ attribute, change }: { attribute: Attribute; change: (value: number | string) => void }) {
  const { data, engine, say } = useTools();
  const { look, photo, keepDetails } = useStore();
  const [pixels, show] = useState<Uint8ClampedArray | null>(null);
  const values = attribute.kind === "categorical" ? attribute.levels : VALUES;
  const size = data.about.size;
  const others = look.code.slice();
  others.fill(0, ...attribute.columns);
  const key = `${others.join()} ${look.style.join()}`;
  useMemo(() => {
    const codes = values.flatMap((value) => [...withValue(attribute, look.code, value)]);
    const styles = values.flatMap(() => [...look.style]);
    const details = photo && keepDetails ? photo.details : undefined;
    void engine
      .draw({ code: Float32Array.from(codes), style: Float32Array.from(styles), count: values.length, read: false, details })
      .then((seen) => show(seen.pixels));
  }, [key]);
  const words = (value: number | string) =>
    typeof value === "string"
      ? value
      : worded(attribute, withValue(attribute, look.code, value), say);
  const brief = (value: number | string) => {
    if (attribute.kind !== "binary" || typeof value === "string" || !value) return value === 0 ? "0" : words(value);
    const side = say(value > 0 ? "yes" : "no");
    return Math.abs(value) === 1 ? side : say("half", { side });
  };
  return (
    <div class="strip">
      {values.map((value, n) => (
        <button key={String(value)} type="button" class="thumb" onClick={() => change(value)}>
          <Picture pixels={pixels && nth(pixels, size, n)} size={size} label={words(value)} />
          <small aria-hidden="true">{brief(value)}</small>
        </button>
      ))}
    </div>
  );
}

const LockIcon = ({ closed }: { closed: boolean }) => (
  <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
    <rect x="3" y="7" width="10" height="7" rx="1.5" fill="currentColor" />
    <path d={closed ? "M5 7V5a3 3 0 0 1 6 0v2" : "M5 7V5a3 3 0 0 1 5.6-1.5"} fill="none" stroke="currentColor" stroke-width="1.6" />
  </svg>
);

const StripIcon = () => (
  <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
    {[1, 6, 11].map((x) => (
      <rect key={x} x={x} y="4" width="4" height="8" rx="1" fill="currentColor" opacity={0.35 + x / 18} />
    ))}
  </svg>
);
