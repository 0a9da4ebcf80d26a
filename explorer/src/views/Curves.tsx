// How training went: one small chart for each figure of the log.
import { useTools } from "../context";
import type { PageData } from "../data";

/** What the log tells a person something by. */
const CURVES = ["paired_accuracy", "spread", "reading", "obeying", "residual_share", "penalty"] as const;

const [WIDTH, HEIGHT] = [220, 90];
const [LEFT, BELOW] = [36, 30]; // for the numbers and the name of the axes

export function Curves({ curves }: { curves: PageData["curves"] }) {
  const { say } = useTools();
  const names = CURVES.filter((name) => curves.series[name]?.some((each) => each !== null));
  if (!names.length) return null;
  return (
    <section>
      <h2>{say("curvesTitle")}</h2>
      <div class="curves">
        {names.map((name) => (
          <Chart key={name} name={name} images={curves.images} values={curves.series[name]!} />
        ))}
      </div>
    </section>
  );
}

function Chart({ name, images, values }: { name: (typeof CURVES)[number]; images: number[]; values: (number | null)[] }) {
  const { say } = useTools();
  const known = values.filter((each): each is number => each !== null);
  const most = Math.max(...known, 1e-9);
  const last = images.at(-1)!;
  const points = values.flatMap((each, n) =>
    each === null ? [] : [`${((images[n]! / last) * WIDTH).toFixed(1)},${((1 - each / most) * HEIGHT).toFixed(1)}`],
  );
  const [title, unit] = [say(name), say(`${name}Unit`)];
  const told = [known[0]!, known.at(-1)!].map((each) => each.toPrecision(2)).join(" → ");
  return (
    <figure>
      <figcaption>
        <strong>{title}</strong> <small>{say(`${name}Best`)}</small>
      </figcaption>
      <p class="axis">{unit}</p>
      <svg viewBox={`${-LEFT} -8 ${WIDTH + LEFT + 6} ${HEIGHT + BELOW + 8}`} role="img" aria-label={`${title}, ${unit}: ${told}`}>
        <path d={`M0 0V${HEIGHT}H${WIDTH}`} class="axes" />
        <polyline points={points.join(" ")} fill="none" stroke="currentColor" stroke-width="1.5" />
        <text x={-4} y={4} text-anchor="end">
          {most.toPrecision(2)}
        </text>
        <text x={-4} y={HEIGHT} text-anchor="end">
          0
        </text>
        <text x={0} y={HEIGHT + 13} text-anchor="middle">
          0
        </text>
        <text x={WIDTH} y={HEIGHT + 13} text-anchor="end">
          {last.toLocaleString("en")}
        </text>
        <text x={WIDTH / 2} y={HEIGHT + 26} text-anchor="middle">
          {say("images")}
        </text>
      </svg>
    </figure>
  );
}
