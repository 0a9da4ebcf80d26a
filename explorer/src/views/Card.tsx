// The card in words: what holds first, its figures folded.
import { percent } from "../code";
import { sorted } from "../card";
import { useTools } from "../context";
import type { Claim, Headline } from "../data";
import { keys, type Key, type Say } from "../words";

const SIGNS = { pass: "✓", fail: "✗", "cannot tell": "?", withheld: "–", reported: "·" };

export function Card() {
  const { data, say } = useTools();
  const { tested, others } = sorted(data.card?.claims ?? []);
  const pass = tested.filter((each) => each.verdict === "pass").length;
  return (
    <section>
      <h2>{say("cardTitle")}</h2>
      {!data.card && <p>{say("noCard")}</p>}
      {data.card && (
        <>
          <p class="verdict">{say("cardCounts", { pass, count: tested.length })}</p>
          <p class="hint">{say("cardSays")}</p>
        </>
      )}
      <Claims claims={tested} />
      {!!others.length && (
        <details>
          <summary>{say("untested", { count: others.length })}</summary>
          <Claims claims={others} />
        </details>
      )}
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

const Claims = ({ claims }: { claims: Claim[] }) => (
  <ul class="claims">
    {claims.map((claim) => (
      <Row key={claim.name} claim={claim} />
    ))}
  </ul>
);

function Row({ claim }: { claim: Claim }) {
  const { say } = useTools();
  const { headline, figures, reason } = claim;
  return (
    <li>
      <Verdict claim={claim} />
      <div>
        <strong class="says">{inWords(claim, say)}</strong>
        {headline && <Number headline={headline} />}
        {!headline && (
          <p class="hint" lang="en">
            {reason}
          </p>
        )}
        {headline && (
          <details>
            <summary>{say("figures")}</summary>
            <ul class="figures" lang="en">
              {figures.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
            <p class="hint" lang="en">
              {reason}
            </p>
          </details>
        )}
      </div>
    </li>
  );
}

/** A claim in the reader's language; one that the page does not know as the card says it. */
const inWords = ({ name, says }: Claim, say: Say) => (`claim ${name}` in keys.en ? say(`claim ${name}` as Key) : says);

function Number({ headline: { name, value, relation, threshold } }: { headline: Headline }) {
  const { say } = useTools();
  return (
    <p class="headline">
      <span lang="en">{name}</span> <b>{value}</b>{" "}
      {relation && <small>({say("target", { relation: say(relation), threshold })})</small>}
    </p>
  );
}

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

/** How often each attribute shows when it is asked for: what the model can do and what not. */
export function Success({ show }: { show: (name: string) => void }) {
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
              <td>{interval(share, low, high)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export const interval = (share: number, low: number, high: number): string => `${percent(share)} [${percent(low)}, ${percent(high)}]`;

export function Interval({ share, low, high }: { share: number; low: number; high: number }) {
  return (
    <span class="interval" aria-hidden="true">
      <span style={`left:${100 * low}%;width:${100 * (high - low)}%`} />
      <i style={`left:${100 * share}%`} />
    </span>
  );
}
