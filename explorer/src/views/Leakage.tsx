// The leakage matrix: what else flips when one attribute is edited.
import { useState } from "preact/hooks";
import { order, pairOf } from "../card";
import { percent } from "../code";
import { useTools } from "../context";
import type { Leakage } from "../data";
import { Scroll } from "./Scroll";

type Chosen = { row: string; column: string } | null;

export function Heat({ show }: { show: (name: string) => void }) {
  const { data, say } = useTools();
  const leakage = data.card?.leakage;
  return (
    <section>
      <h2>{say("leakageTitle")}</h2>
      {leakage ? <Matrix leakage={leakage} judge={data.card!.judged_by} show={show} /> : <p>{say("noLeakage")}</p>}
    </section>
  );
}

/** Names of columns sort it, names of rows open an attribute, numbers say what they are a share of. */
function Matrix({ leakage, judge, show }: { leakage: Leakage; judge: string; show: (name: string) => void }) {
  const { say } = useTools();
  const named = useLabels();
  const [by, sort] = useState<string | null>(null);
  const [chosen, choose] = useState<Chosen>(null);
  const rows = order(leakage, by).map((row) => leakage.names[row]!);
  const marked = (name: string) => `${named(name)}${leakage.unchecked.includes(name) ? " *" : ""}`;
  const first = pairs(leakage, rows)[0];
  const entry = chosen ?? first;
  return (
    <>
      <p class="hint">
        {say("leakageHint", { judge })} {say("matrixBelieved")}
      </p>
      <Scroll label={say("leakageTitle")}>
        <table class="heat" onKeyDown={(event) => move(event, rows, leakage.names)}>
          <thead>
            <tr>
              <td />
              {leakage.names.map((name) => (
                <th key={name} scope="col" aria-sort={by === name ? "descending" : "none"}>
                  <button type="button" onClick={() => sort(by === name ? null : name)}>
                    <span>{marked(name)}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row}>
                <th scope="row">
                  <button type="button" onClick={() => show(row)}>
                    {marked(row)}
                  </button>
                </th>
                {leakage.names.map((column) => (
                  <Cell
                    key={column}
                    leakage={leakage}
                    row={row}
                    column={column}
                    chosen={chosen?.row === row && chosen.column === column}
                    entry={entry?.row === row && entry.column === column}
                    choose={choose}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="pair-says" aria-live="polite">
        {chosen ? <PairSays leakage={leakage} {...chosen} /> : say("pairHint")}
      </p>
      <Unreliable leakage={leakage} judge={judge} />
    </>
  );
}

function useLabels(): (name: string) => string {
  const { data, label } = useTools();
  const labels = new Map(data.about.attributes.map((each) => [each.name, label(each)]));
  return (name) => labels.get(name) ?? name;
}

const pairs = (leakage: Leakage, rows: string[]) =>
  rows.flatMap((row) => leakage.names.map((column) => ({ row, column }))).filter(({ row, column }) => pairOf(leakage, row, column));

/** Arrow keys go from number to number; Tab enters the matrix once. */
function move(event: KeyboardEvent, rows: string[], columns: string[]) {
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
  const { row, column } = (event.target as HTMLElement).dataset;
  if (down === undefined || row === undefined || column === undefined) return;
  event.preventDefault();
  const table = event.currentTarget as HTMLElement;
  let [r, c] = [rows.indexOf(row), columns.indexOf(column)];
  for (;;) {
    [r, c] = [r + down, c + right!];
    if (!rows[r] || !columns[c]) return;
    const next = [...table.querySelectorAll<HTMLElement>("td button")].find((each) => each.dataset["row"] === rows[r] && each.dataset["column"] === columns[c]);
    if (next) return next.focus();
  }
}

interface Place {
  leakage: Leakage;
  row: string;
  column: string;
  chosen: boolean;
  entry: boolean; // where Tab enters
  choose: (chosen: Chosen) => void;
}

function Cell({ leakage, row, column, chosen, entry, choose }: Place) {
  const named = useLabels();
  const pair = pairOf(leakage, row, column);
  if (!pair) return <td class="none" />;
  const strength = Math.min(1, pair.rate / 0.5);
  return (
    <td class={`${pair.above ? "above" : ""} ${strength > 0.55 ? "dark" : ""}`} style={`--strength:${strength}`}>
      <button
        type="button"
        data-row={row}
        data-column={column}
        tabIndex={entry ? 0 : -1}
        aria-pressed={chosen}
        aria-label={`${Math.round(100 * pair.rate)} ${named(row)} → ${named(column)}`}
        onClick={() => choose({ row, column })}
        onFocus={() => choose({ row, column })}
      >
        {Math.round(100 * pair.rate)}
      </button>
    </td>
  );
}

/** What a number of the matrix is a share of. */
function PairSays({ leakage, row, column }: { leakage: Leakage; row: string; column: string }) {
  const { say } = useTools();
  const named = useLabels();
  const { edits, rate, low, high, data, above } = pairOf(leakage, row, column)!;
  const shares = { rate: percent(rate), low: percent(low), high: percent(high), data: data === null ? "?" : percent(data) };
  return (
    <>
      <strong>
        {named(row)} → {named(column)}
      </strong>{" "}
      {say("pairSays", { ...shares, edits, row: named(row), column: named(column) })} {say(above ? "pairAbove" : "pairWithin")}
    </>
  );
}

/** Which rows and columns to trust less, and which are not there, with the reason. */
function Unreliable({ leakage, judge }: { leakage: Leakage; judge: string }) {
  const { say } = useTools();
  const named = useLabels();
  const unread = Object.entries(leakage.unread).map(([name, share]) => (share === null ? named(name) : `${named(name)} (${percent(share)})`));
  return (
    <>
      {!!leakage.unchecked.length && <p class="hint">{say("unchecked", { judge, names: leakage.unchecked.map(named).join(", ") })}</p>}
      {!!unread.length && <p class="hint">{say("unread", { judge, names: unread.join(", ") })}</p>}
    </>
  );
}
