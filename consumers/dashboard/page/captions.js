/**
 * Captions as they are spoken. What is not final is replaced in its place; the newest stays in sight, unless somebody
 * has gone back to read: then a button says how many came since.
 */

import { choices, clock, element, fill, mark, slot, t } from "./dom.js";

const MOST = 400;
const NEAR_PX = 40;
/** The server keeps so many at the least: of an answer with fewer nothing was left out. */
const FEWEST = 20;

export class Captions {
  #root;
  #list;
  #items = new Map();
  #languages = new Set();
  #language = "";
  #came = 0;
  #told = 0;

  constructor(root) {
    this.#root = root;
    this.#list = slot(root, "captions");
    const select = slot(root, "languages");
    choices(select, [["", t("captions.every")]]);
    select.addEventListener("change", () => this.#choose(select.value));
    slot(root, "aloud").addEventListener("change", (event) => this.#list.setAttribute("aria-live", event.target.checked ? "polite" : "off"));
    slot(root, "newest").addEventListener("click", () => {
      this.#toEnd();
      this.#list.focus({ preventScroll: true });
    });
    this.#list.addEventListener("scroll", () => this.#atEnd() && this.#seen(), { passive: true });
  }

  /** A mark of now: what `merge` is given with it does not overwrite what comes after it. */
  get mark() {
    return this.#told;
  }

  /**
   * Show what an answer has that was asked for at `mark`; the stream may have brought more since, which stays.
   *
   * Where it has nothing of what was here, more was said between the two than anybody keeps: what is older goes, since
   * it would look as if one followed the other.
   */
  merge(captions, mark) {
    const follows = captions.length < FEWEST || captions.some(({ id }) => this.#items.has(id));
    for (const [id, { item, told }] of follows ? [] : this.#items) {
      if (told > mark) continue;
      this.#items.delete(id);
      item.remove();
    }
    for (const caption of captions) if (!(this.#items.get(caption.id)?.told > mark)) this.add(caption);
    fill(this.#root, { "no-captions": this.#items.size ? null : t("captions.none") });
    this.#list.hidden = this.#items.size === 0;
  }

  /** Show one more, or what became of one. */
  add(caption) {
    const follow = this.#atEnd();
    for (const { language } of caption.texts) this.#know(language);
    const there = this.#items.get(caption.id);
    if (there?.caption.final && !caption.final) return;
    const item = there?.item ?? element("div", { data: { id: caption.id } });
    this.#items.set(caption.id, { item, caption, told: ++this.#told });
    this.#draw(item, caption);
    if (!there) {
      this.#list.hidden = false;
      this.#place(item, caption);
      fill(this.#root, { "no-captions": null });
      this.#forget();
      if (!follow) this.#came += 1;
    }
    if (follow) this.#toEnd();
    else this.#offer();
  }

  /** Put it behind what was said before: an answer may come after what the stream brought. */
  #place(item, caption) {
    const at = Date.parse(caption.at);
    let next = null;
    for (let one = this.#list.lastElementChild; one; one = one.previousElementSibling) {
      if (Date.parse(this.#items.get(one.dataset.id).caption.at) <= at) break;
      next = one;
    }
    this.#list.insertBefore(item, next);
  }

  #draw(item, caption) {
    const texts = this.#language ? caption.texts.filter(({ language }) => (language ?? "") === this.#language) : caption.texts;
    mark(item, { "is-interim": !caption.final });
    item.hidden = texts.length === 0;
    const head = element("small", {}, element("b", {}, caption.name ?? t("captions.somebody")), element("time", { dateTime: caption.at }, clock(caption.at)));
    item.replaceChildren(head, ...texts.map(({ language, text }) => element("p", { title: language ?? "" }, text)));
  }

  #know(language) {
    if (this.#languages.has(language ?? "")) return;
    this.#languages.add(language ?? "");
    const named = [...this.#languages].filter(Boolean).sort();
    choices(slot(this.#root, "languages"), [["", t("captions.every")], ...named.map((one) => [one, one])]);
  }

  #choose(language) {
    this.#language = language;
    for (const { item, caption } of this.#items.values()) this.#draw(item, caption);
    this.#toEnd();
  }

  #forget() {
    while (this.#items.size > MOST) {
      const oldest = this.#list.firstElementChild;
      this.#items.delete(oldest.dataset.id);
      oldest.remove();
    }
  }

  #atEnd() {
    return this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < NEAR_PX;
  }

  #toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#seen();
  }

  #seen() {
    this.#came = 0;
    this.#offer();
  }

  #offer() {
    fill(this.#root, { newest: this.#came ? t("captions.newest", { n: this.#came }) : null });
  }
}
