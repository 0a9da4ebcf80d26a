// A picture of one's own: aligned by hand or by two points, read, and edited.
import { useEffect, useRef, useState } from "preact/hooks";
import { useStore, useTools } from "../context";
import type { Placement, Point } from "../placement";
import { CENTRED, aligned, cut } from "../placement";
import { dimensions } from "../dimensions";
import { toImage } from "../pixels";
import { namedReadings } from "../readings";
import type { Reading } from "../readings";
import { otherStyle, type Look, type Mine } from "../store";
import { toPng } from "../download";
import { joined } from "./Grid";
import { Picture, paint } from "./Picture";

const LARGEST = { bytes: 30e6, pixels: 40e6 };

export function Photo() {
  const { data, engine, store, say, tell } = useTools();
  const { photo, keepDetails } = useStore();
  const [bitmap, setBitmap] = useState<ImageBitmap | null>(null);
  const [busy, setBusy] = useState(false);
  const { about } = data;

  const open = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > LARGEST.bytes) return tell(say("tooLarge", { name: file.name, size: `${Math.round(file.size / 1e6)} MB` }));
    try {
      const sides = dimensions(new Uint8Array(await file.arrayBuffer()));
      if (!sides) throw new Error("no picture");
      const pixels = sides.width * sides.height;
      if (pixels > LARGEST.pixels) {
        return tell(say("tooLarge", { name: file.name, size: `${Math.round(pixels / 1e6)} MP` }));
      }
      const opened = await createImageBitmap(file);
      store.set({ photo: null });
      setBitmap(opened);
    } catch {
      tell(say("notAPicture", { name: file.name }));
    }
  };
  useEffect(() => {
    const paste = (event: ClipboardEvent) => void open(event.clipboardData?.files[0]);
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, []);

  const use = async (pixels: Uint8ClampedArray) => {
    const image = toImage(pixels, about.channels);
    const read = await engine.read({ image, code: new Float32Array(about.columns), count: 1 });
    const readings = namedReadings(about, read["reading"]!, say);
    const look = { code: read["read_code"]!.slice(), style: read["read_style"]!.slice() };
    setBitmap(null);
    await adopt({ image, original: pixels, readings, strange: read["strangeness"]![0]! }, look);
  };
  const adopt = async (mine: Mine, look: Look) => {
    const drawn = await engine.draw({ ...look, count: 1, read: false });
    const details = mine.image.map((each, i) => each - drawn.image[i]!);
    store.settle();
    store.set({ photo: { ...mine, redrawn: drawn.pixels, details, look }, keepDetails: true });
    store.look(look);
    store.settle();
  };
  const refine = async (mine: Mine) => {
    setBusy(true);
    try {
      const body = await toPng(mine.original);
      const answer = await fetch("refine", { method: "POST", body });
      if (!answer.ok) return tell(say("refused", { error: await answer.text() }));
      const { code, style } = (await answer.json()) as { code: number[]; style: number[] };
      await adopt(mine, { code: Float32Array.from(code), style: Float32Array.from(style) });
    } catch (error) {
      tell(say("refused", { error: String(error) }));
    } finally {
      setBusy(false);
    }
  };
  const leave = () => {
    setBitmap(null);
    store.set({ photo: null });
  };
  if (bitmap) return <Align bitmap={bitmap} use={use} cancel={leave} />;
  if (!photo) {
    return (
      <div class="photo">
        <Drop open={open} />
      </div>
    );
  }
  return (
    <div class="photo">
      <div class="pair">
        <figure>
          <Picture pixels={photo.original} size={about.size} label={say("original")} />
          <figcaption>{say("original")}</figcaption>
        </figure>
        <figure>
          <Picture pixels={photo.redrawn} size={about.size} label={say("redrawn")} />
          <figcaption>{say("redrawn")}</figcaption>
        </figure>
      </div>
      {photo.strange <= 1 && <p class="hint">{say("like")}</p>}
      <label>
        <input type="checkbox" checked={keepDetails} onChange={() => store.set({ keepDetails: !keepDetails })} />
        {say("keepDetails")}
      </label>
      {data.served && (
        <button type="button" disabled={busy} onClick={() => void refine(photo)}>
          {say(busy ? "refining" : "refine")}
        </button>
      )}
      <Editing leave={leave} />
      <Readings readings={photo.readings} />
    </div>
  );
}

/** A warning beside a photograph that is unlike the training images, on every view that shows it. */
export function Unlike() {
  const { say } = useTools();
  const { photo } = useStore();
  if (!photo || photo.strange <= 1) return null;
  return (
    <p class="warning" role="alert">
      {say("unlike", { times: photo.strange.toFixed(1) })}
    </p>
  );
}

function Editing({ leave }: { leave: () => void }) {
  const { say, store } = useTools();
  return (
    <div>
      <p>{say("editing")}</p>
      <div class="actions">
        <button type="button" class="main" onClick={() => store.set({ view: "draw" })}>
          {say("draw")}
        </button>
        <button type="button" onClick={leave}>
          {say("leave")}
        </button>
      </div>
    </div>
  );
}

function Drop({ open }: { open: (file: File | undefined) => void }) {
  const { say } = useTools();
  const [over, setOver] = useState(false);
  return (
    <div
      class={`drop ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        open(event.dataTransfer?.files[0]);
      }}
    >
      <p>
        <strong>{say("dropPhoto")}</strong>
      </p>
      <p class="hint">{say("dropHint")}</p>
      <label class="button main">
        {say("choose")}
        <input type="file" accept="image/*" id="photo-file" onChange={(event) => open(event.currentTarget.files?.[0])} />
      </label>
    </div>
  );
}

function Readings({ readings }: { readings: Reading[] }) {
  const { say, label } = useTools();
  return (
    <section>
      <h2>{say("readings")}</h2>
      <dl class="readings">
        {readings.map((each) => (
          <div key={each.attribute.name}>
            <dt>{label(each.attribute)}</dt>
            <dd>
              <span class="meter" aria-hidden="true">
                <span style={`width:${100 * each.share}%`} />
              </span>
              {each.text}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const VIEW = 320; // pixels of the window in which a picture is placed

/** Place a picture as the data lie. */
function Align({ bitmap, use, cancel }: { bitmap: ImageBitmap; use: (pixels: Uint8ClampedArray) => void; cancel: () => void }) {
  const { data, say } = useTools();
  const [placement, place] = useState<Placement>(CENTRED);
  const [ghost, setGhost] = useState(true);
  const [points, setPoints] = useState<Point[] | null>(null);
  const view = useRef<HTMLCanvasElement>(null);
  const typical = useTypical();
  const choosing = points !== null;
  useEffect(() => {
    const context = view.current!.getContext("2d")!;
    cut(context, bitmap, choosing ? CENTRED : placement, VIEW);
  }, [bitmap, placement, choosing]);
  const add = (point: Point) => {
    const now = [...points!, point];
    if (now.length < 4) return setPoints(now);
    place(aligned([now[0]!, now[1]!], [now[2]!, now[3]!]));
    setPoints(null);
  };
  const clicked = (event: MouseEvent): Point => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const onPhoto = choosing && points.length < 2;
  const drag = (event: PointerEvent) => {
    if (choosing || !(event.buttons & 1)) return;
    const side = (event.currentTarget as HTMLElement).clientWidth;
    place({ ...placement, x: placement.x + event.movementX / side, y: placement.y + event.movementY / side });
  };
  const nudge = (event: KeyboardEvent) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    place({ ...placement, x: placement.x + step[0]! / 100, y: placement.y + step[1]! / 100 });
  };
  const done = () => {
    const canvas = new OffscreenCanvas(data.about.size, data.about.size);
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    cut(context, bitmap, placement, data.about.size);
    use(context.getImageData(0, 0, data.about.size, data.about.size).data);
  };
  return (
    <div class="photo">
      <p aria-live="polite">
        {!choosing ? say("alignHint") : onPhoto ? say("eyesPhoto", { n: points.length }) : say("eyesMean", { n: points.length - 2 })}
      </p>
      <div class={`align ${choosing ? "choosing" : ""}`}>
        <div class="frame" tabIndex={0} role="group" aria-label={say("alignHint")} onPointerMove={drag} onKeyDown={nudge} onClick={(event) => onPhoto && add(clicked(event))}>
          <canvas ref={view} width={VIEW} height={VIEW} role="img" aria-label={say("original")} />
          {ghost && !choosing && <Ghost pixels={typical} />}
          {choosing && points.slice(0, 2).map((point) => <Dot key={point.join()} point={point} />)}
        </div>
        {choosing && !onPhoto && (
          <div class="frame" onClick={(event) => add(clicked(event))}>
            <Picture pixels={typical} size={data.about.size} label={say("ghost")} />
            {points.slice(2).map((point) => (
              <Dot key={point.join()} point={point} />
            ))}
          </div>
        )}
      </div>
      {!typical && (ghost || choosing) && (
        <p class="hint" role="status">
          {say("ghostComing")}
        </p>
      )}
      {!choosing && (
        <div class="controls">
          <Turn name={say("zoom")} low={0.3} high={6} value={placement.zoom} change={(zoom) => place({ ...placement, zoom })} />
          <Turn name={say("turn")} low={-180} high={180} value={placement.angle} change={(angle) => place({ ...placement, angle })} />
          <label>
            <input type="checkbox" checked={ghost} onChange={() => setGhost(!ghost)} /> {say("ghost")}
          </label>
        </div>
      )}
      <div class="actions">
        {!choosing && (
          <button type="button" class="main" onClick={done}>
            {say("use")}
          </button>
        )}
        <button type="button" onClick={() => setPoints(choosing ? null : [])}>
          {choosing ? say("cancel") : say("eyes")}
        </button>
        <button type="button" onClick={cancel}>
          {say("another")}
        </button>
      </div>
    </div>
  );
}

const Dot = ({ point: [x, y] }: { point: Point }) => <span class="dot" style={`left:${100 * x}%;top:${100 * y}%`} />;

function Ghost({ pixels }: { pixels: Uint8ClampedArray | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pixels) paint(canvas.current, pixels);
  }, [pixels]);
  return <canvas ref={canvas} class="ghost" aria-hidden="true" />;
}

function Turn({ name, low, high, value, change }: { name: string; low: number; high: number; value: number; change: (value: number) => void }) {
  return (
    <label class="turn">
      {name}
      <input type="range" min={low} max={high} step={(high - low) / 400} value={value} onInput={(event) => change(Number(event.currentTarget.value))} />
    </label>
  );
}

const MEAN_OF = 32;

/** The mean of some pictures that the model draws: how the data lie. */
function useTypical(): Uint8ClampedArray | null {
  const { data, engine, codes } = useTools();
  const [typical, show] = useState<Uint8ClampedArray | null>(null);
  useEffect(() => {
    const many = Array.from({ length: MEAN_OF }, (_, n) => codes[n % codes.length]!);
    const styles = many.map(() => otherStyle(data.about.style));
    void engine.draw({ code: joined(many), style: joined(styles), count: MEAN_OF, read: false }).then(({ pixels }) => {
      const length = pixels.length / MEAN_OF;
      const mean = new Float32Array(length);
      pixels.forEach((each, i) => (mean[i % length] = mean[i % length]! + each / MEAN_OF));
      show(Uint8ClampedArray.from(mean));
    });
  }, []);
  return typical;
}
