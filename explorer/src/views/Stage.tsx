// The picture itself, what lies over it, and what is done with it.
import { useEffect, useRef } from "preact/hooks";
import { useStore, useTools } from "../context";
import { PLACES, patch } from "../decision";
import { otherCode, otherStyle } from "../store";
import { coloured, paint } from "./Picture";

export function Stage() {
  const { data, seen, overlay, pointed, say } = useTools();
  const state = useStore();
  const picture = useRef<HTMLCanvasElement>(null);
  const cover = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLDivElement>(null);
  const { size } = data.about;
  const pointing = state.view === "why" && data.about.explains;

  useEffect(() => {
    const show = (value: typeof seen.value) => value && paint(picture.current, value.pixels);
    show(seen.value);
    return seen.subscribe(show);
  }, [seen]);
  useEffect(() => {
    const show = (value: typeof overlay.value) => {
      if (cover.current) cover.current.hidden = !value.map;
      if (picture.current) picture.current.classList.toggle("faded", !!value.map);
      if (value.map) paint(cover.current, coloured(value.map, value.limit));
      mark(marks.current, value.place, data.about);
    };
    show(overlay.value);
    return overlay.subscribe(show);
  }, [overlay]);

  const acts = useActions();
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = (offset: number, length: number) =>
      Math.min(PLACES - 1, Math.max(0, Math.floor((PLACES * offset) / length)));
    const column = at(event.clientX - box.left, box.width);
    pointed.set(PLACES * at(event.clientY - box.top, box.height) + column);
  };
  const key = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -PLACES,
      ArrowDown: PLACES,
    };
    const step = moves[event.key];
    if (step && pointing) {
      const to = (pointed.value ?? 27 - step) + step;
      if (to >= 0 && to < PLACES * PLACES) pointed.set(to);
    } else if (event.key === "Escape") pointed.set(null);
    else if (event.key === "n") acts.person();
    else if (event.key === "s") acts.style();
    else if (event.key === "z") acts.undo();
    else return;
    event.preventDefault();
  };
  return (
    <div
      class={`frame ${pointing ? "pointing" : ""}`}
      tabIndex={0}
      role="group"
      aria-label={pointing ? say("placeKeys") : say("keys")}
      title={pointing ? undefined : say("keys")}
      onPointerMove={pointing ? point : undefined}
      onPointerDown={pointing ? point : undefined}
      onPointerLeave={pointing ? (event) => event.pointerType === "mouse" && pointed.set(null) : undefined}
      onKeyDown={key}
    >
      <canvas ref={picture} id="picture" width={size} height={size} role="img" aria-label={say("picture")} />
      <canvas ref={cover} class="cover" width={PLACES} height={PLACES} hidden aria-hidden="true" />
      <div ref={marks} class="marks" aria-hidden="true" />
    </div>
  );
}

/** Frames around a place, and around what it can see. */
function mark(marks: HTMLElement | null, place: number | null, about: Parameters<typeof patch>[0]) {
  if (!marks) return;
  marks.replaceChildren();
  if (place === null) return;
  const frame = (name: string, [left, top, right, bottom]: number[]) => {
    const box = document.createElement("div");
    box.className = name;
    box.style.left = `${100 * left!}%`;
    box.style.top = `${100 * top!}%`;
    box.style.width = `${100 * (right! - left!)}%`;
    box.style.height = `${100 * (bottom! - top!)}%`;
    marks.append(box);
  };
  const [row, column] = [Math.floor(place / PLACES), place % PLACES];
  frame("patch", patch(about, place));
  frame("place", [column, row, column + 1, row + 1].map((each) => each / PLACES));
}

export function useActions() {
  const { data, store, codes } = useTools();
  return {
    person() {
      const { look, locked, styleLocked } = store.state;
      const kept = data.about.attributes.filter((each) => locked.has(each.name));
      store.settle();
      store.look({
        code: otherCode(codes, look.code, kept.map((each) => each.columns)),
        style: styleLocked ? look.style : otherStyle(data.about.style),
      });
      store.settle();
    },
    style() {
      store.settle();
      store.look({ style: otherStyle(data.about.style) });
      store.settle();
    },
    undo: () => store.undo(),
    redo: () => store.redo(),
  };
}

/** What is done with the picture, below it. */
export function Actions() {
  const { say, store } = useTools();
  const state = useStore();
  const acts = useActions();
  const lock = () => store.set({ styleLocked: !state.styleLocked });
  return (
    <div class="actions whole">
      <button type="button" onClick={acts.person} class="main">
        {say("newPerson")}
      </button>
      <button type="button" onClick={acts.style}>
        {say("newStyle")}
      </button>
      <button type="button" aria-pressed={state.styleLocked} onClick={lock}>
        {say("lockStyle")}
      </button>
      <button type="button" onClick={acts.undo} disabled={!store.canUndo}>
        {say("undo")}
      </button>
      <button type="button" onClick={acts.redo} disabled={!store.canRedo}>
        {say("redo")}
      </button>
      <details class="term">
        <summary>{say("whatIsStyle")}</summary>
        <p class="hint">{say("styleSays")}</p>
      </details>
    </div>
  );
}
