/**
 * A list of thousands that costs as much as the dozen rows in sight.
 *
 * All rows are equally high. Those in sight are elements, by key: a row that stays in sight keeps its element, with its
 * focus and its selection. Where the order changes, what is at the top of the sight stays there, unless that is the
 * beginning of the list. The keyboard goes through all rows: up, down, page up, page down, home, end; Tab leaves.
 */

const SPARE = 6;
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

export class List {
  #body;
  #scroller;
  #make;
  #show;
  #key;
  #items = [];
  #places = new Map();
  #rows = new Map();
  #height = 0;
  #active = null;
  #pending = 0;
  #stop = new AbortController();

  /**
   * `body` holds the rows; `scroller` is the element that scrolls it, or null for the window. `make()` returns an
   * empty row with one link or button of the attribute data-active; `show(row, item)` fills it.
   */
  constructor(body, scroller, { make, show, key = (item) => item.id }) {
    this.#body = body;
    this.#scroller = scroller;
    this.#make = make;
    this.#show = show;
    this.#key = key;
    const options = { passive: true, signal: this.#stop.signal };
    (scroller ?? window).addEventListener("scroll", () => this.refresh(), options);
    window.addEventListener("resize", () => this.#resized(), options);
    body.addEventListener("keydown", (event) => this.#pressed(event), { signal: this.#stop.signal });
    body.addEventListener("focusin", (event) => this.#focused(event), { signal: this.#stop.signal });
  }

  /** Stop listening. */
  close() {
    this.#stop.abort();
    cancelAnimationFrame(this.#pending);
  }

  /** Whether somebody is at it with the keyboard. */
  get busy() {
    return this.#body.contains(document.activeElement);
  }

  /** Show these items, in this order. */
  show(items) {
    const held = this.#topmost();
    this.#items = items;
    this.#places = new Map(items.map((item, place) => [this.#key(item), place]));
    if (!this.#places.has(this.#active)) this.#active = null;
    this.#measure();
    this.#body.style.height = `${items.length * this.#height}px`;
    this.#body.parentElement.setAttribute("aria-rowcount", items.length + 1);
    if (held) this.#hold(held);
    this.#draw();
  }

  /** Fill the rows in sight again, soon: once a frame however often this is called. */
  refresh() {
    this.#pending ||= requestAnimationFrame(() => {
      this.#pending = 0;
      this.#draw();
    });
  }

  #resized() {
    this.#height = 0;
    this.show(this.#items);
  }

  #measure() {
    if (this.#height || !this.#items.length) return;
    const row = this.#make();
    this.#body.append(row);
    this.#height = Math.round(row.getBoundingClientRect().height);
    row.remove();
  }

  /** The first and the last place in sight. */
  #sight() {
    const body = this.#body.getBoundingClientRect();
    const frame = this.#scroller?.getBoundingClientRect();
    const top = Math.max(0, (frame?.top ?? 0) - body.top);
    const bottom = (frame?.bottom ?? window.innerHeight) - body.top;
    return [Math.floor(top / this.#height), Math.ceil(bottom / this.#height), top];
  }

  #draw() {
    if (!this.#height) return;
    const [first, last] = this.#sight();
    const wanted = new Map();
    const from = Math.max(0, first - SPARE);
    for (let place = from; place < Math.min(this.#items.length, last + SPARE); place++) this.#want(wanted, place);
    const active = this.#places.get(this.#active);
    if (active !== undefined && this.busy) this.#want(wanted, active);
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    const reachable = active !== undefined && wanted.has(this.#active) ? this.#active : wanted.keys().next().value;
    for (const [key, place] of wanted) this.#put(key, place, key === reachable);
  }

  #want(wanted, place) {
    wanted.set(this.#key(this.#items[place]), place);
  }

  #put(key, place, reachable) {
    let row = this.#rows.get(key);
    if (!row) {
      row = this.#make();
      row.dataset.key = key;
      this.#rows.set(key, row);
      this.#body.append(row);
    }
    this.#show(row, this.#items[place]);
    row.style.transform = `translateY(${place * this.#height}px)`;
    row.setAttribute("aria-rowindex", place + 2);
    row.querySelector("[data-active]").tabIndex = reachable ? 0 : -1;
  }

  #topmost() {
    if (!this.#height || !this.#items.length) return null;
    const [first, , top] = this.#sight();
    const item = this.#items[first];
    return top > 0 && item ? { key: this.#key(item), place: first } : null;
  }

  #hold({ key, place }) {
    const now = this.#places.get(key);
    if (now === undefined || now === place) return;
    (this.#scroller ?? window).scrollBy({ top: (now - place) * this.#height, behavior: "instant" });
  }

  #focused(event) {
    this.#active = event.target.closest("[data-key]")?.dataset.key ?? this.#active;
    this.refresh();
  }

  #pressed(event) {
    const step = STEPS[event.key];
    const from = this.#places.get(this.#active);
    if (step === undefined || from === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const to = Math.min(this.#items.length - 1, Math.max(0, from + step));
    this.#active = this.#key(this.#items[to]);
    this.#reveal(to);
    this.#draw();
    this.#rows.get(this.#active).querySelector("[data-active]").focus({ preventScroll: true });
  }

  #reveal(place) {
    const frame = this.#scroller?.getBoundingClientRect() ?? { top: 0, bottom: window.innerHeight };
    const top = this.#body.getBoundingClientRect().top + place * this.#height;
    // Room for what sticks to the top and the bottom of the window.
    const room = this.#scroller ? 0 : 2 * this.#height;
    const above = top - room - frame.top;
    const below = top + this.#height + room / 2 - frame.bottom;
    const by = above < 0 ? above : Math.max(0, below);
    if (by) (this.#scroller ?? window).scrollBy({ top: by, behavior: "instant" });
  }
}
