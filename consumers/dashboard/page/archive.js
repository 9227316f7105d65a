/**
 * What was said in meetings that are over: search it, read it in its context, hand it out.
 *
 * What is searched for stands in the address, so that it can be sent to a colleague; it is asked for when somebody says
 * so and never while they type: each look is an entry in the archive's access log.
 */

import { get, Refused, Unreachable } from "./api.js";
import { date, element, fill, joined, slot, span, t, template, time } from "./dom.js";

const FIELDS = ["words", "speaker", "meeting", "enterprise", "since", "until"];
const AROUND = 2;
const PAGE = 100;

export async function open(main, place, app) {
  const view = place.id ? new Transcript(main, place, app) : new Search(main, app);
  app.signal.addEventListener("abort", () => view.close());
  await view.change(place);
  return { change: (to) => void view.change(to) };
}

class Search {
  #root = template("archive");
  #form = this.#root.querySelector("form");
  #asking = new AbortController();

  constructor(main, app) {
    app.title(t("archive.title"));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = new URLSearchParams();
      for (const name of FIELDS) if (this.#form.elements[name].value.trim()) asked.set(name, this.#form.elements[name].value.trim());
      const path = asked.size ? `#/archive?${asked}` : "#/archive";
      if (location.hash === path) void this.change({ query: asked });
      else app.go(path);
    });
    main.append(this.#root);
  }

  close() {
    this.#asking.abort();
  }

  async change({ query }) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const asked = Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ""]));
    for (const name of FIELDS) this.#form.elements[name].value = asked[name];
    fill(this.#root, { error: null, said: t("archive.searching") });
    try {
      await (asked.words || asked.speaker ? this.#hits(asked) : this.#meetings(asked));
    } catch (error) {
      if (error.name === "AbortError") return;
      slot(this.#root, "results").replaceChildren();
      fill(this.#root, { error: reason(error), said: null });
    }
  }

  async #hits(asked) {
    const found = await get("/api/v1/archive/search", { ...instants(asked), context: 1, limit: 50 }, this.#asking.signal);
    const said = found.hits.length === 0 ? t("archive.nothing") : found.more ? t("archive.first", { n: found.hits.length }) : t("archive.found", { n: found.hits.length });
    fill(this.#root, { said, error: unread(found) });
    slot(this.#root, "results").replaceChildren(element("div", { className: "hits" }, ...found.hits.map((one) => hit(one, asked.words))));
  }

  async #meetings(asked) {
    const { words, speaker, ...rest } = instants(asked);
    const kept = await get("/api/v1/archive/meetings", { ...rest, limit: 100 }, this.#asking.signal);
    const said = kept.meetings.length === 0 ? t("archive.no_meetings") : kept.more ? t("archive.meetings_first", { n: kept.meetings.length }) : t("archive.meetings", { n: kept.meetings.length });
    fill(this.#root, { said, error: unread(kept) });
    slot(this.#root, "results").replaceChildren(element("ul", { className: "kept" }, ...kept.meetings.map(meeting)));
  }
}

/** The fields' days are days of whoever looks: from the begin of the first to the end of the last. */
function instants({ since, until, ...rest }) {
  const start = (day, more) => {
    const at = new Date(`${day}T00:00:00`);
    if (Number.isNaN(at.getTime())) return "";
    at.setDate(at.getDate() + more);
    return at.toISOString();
  };
  return { ...rest, since: since && start(since, 0), until: until && start(until, 1) };
}

/** Whoever finds nothing has to know where nothing could be found. */
function unread(answer) {
  return answer.unread ? t("archive.unread", { n: answer.unread }) : null;
}

function meeting(one) {
  const at = one.started_at ? `${date(one.started_at)}, ${time(one.started_at)}` : t("archive.no_time");
  const long = one.started_at && one.ended_at ? span((Date.parse(one.ended_at) - Date.parse(one.started_at)) / 1000) : null;
  const link = element("a", { href: `#/archive/${one.occurrence}` }, one.meeting_id);
  return element("li", {}, link, ...[one.enterprise, at, long, t("archive.sentences", { n: one.sentences })].filter(Boolean).map((text) => element("span", {}, text)));
}

function hit(one, words) {
  const link = element("a", { href: `#/archive/${one.occurrence}?${new URLSearchParams({ cue: one.said.cue, words })}` }, t("archive.read"));
  const head = element("header", {}, element("span", {}, joined([one.meeting_id, one.enterprise])), element("span", {}, `${date(one.said.spoken_at)}, ${time(one.said.spoken_at)}`), link);
  const around = (said) => sentence(said, "is-around", "");
  return element("article", { className: "hit" }, head, ...one.before.map(around), sentence(one.said, "is-hit", words), ...one.after.map(around));
}

/** A sentence with the words that were searched for marked: as elements, never as markup. */
function sentence(said, kind, words, name = "div") {
  const head = element("small", {}, element("b", {}, said.speaker ?? t("captions.somebody")), element("time", { dateTime: said.spoken_at }, time(said.spoken_at)));
  const texts = said.texts.map(({ text, language }) => element("p", { title: language ?? "" }, ...marked(text, words)));
  return element(name, { className: `sentence ${kind} ${said.final ? "" : "is-interim"}`, data: { cue: said.cue } }, head, element("div", {}, ...texts));
}

function marked(text, words) {
  const wanted = [...words.matchAll(/"([^"]+)"|([^\s"]+)/g)].map(([, phrase, word]) => phrase ?? word);
  if (!wanted.length) return [text];
  const any = new RegExp(`(${wanted.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "giu");
  return text.split(any).map((part, place) => (place % 2 ? element("mark", {}, part) : part)).filter((part) => part !== "");
}

class Transcript {
  #root = template("transcript");
  #id;
  #words = "";
  #first = 1;
  #last = 0;
  #all = 0;
  #stop = new AbortController();

  constructor(main, place, app) {
    this.#id = place.id;
    app.title(t("archive.title"));
    slot(this.#root, "export").href = `/api/v1/archive/export?${new URLSearchParams({ occurrence: place.id })}`;
    const back = slot(this.#root, "back");
    back.textContent = t("archive.back");
    back.href = "#/archive";
    // Back to the very search, where one has come from there.
    back.addEventListener("click", (event) => {
      if (!place.query.get("cue") || history.length < 2) return;
      event.preventDefault();
      history.back();
    });
    slot(this.#root, "before").addEventListener("click", () => void this.#more(Math.max(1, this.#first - PAGE), this.#first - 1, true));
    slot(this.#root, "after").addEventListener("click", () => void this.#more(this.#last + 1, this.#last + PAGE, false));
    main.append(this.#root);
  }

  close() {
    this.#stop.abort();
  }

  async change({ query }) {
    const cue = Number(query.get("cue")) || 0;
    this.#words = query.get("words") ?? "";
    this.#first = Math.max(1, cue - PAGE / 2);
    this.#last = this.#first - 1;
    slot(this.#root, "said").replaceChildren();
    await this.#more(this.#first, this.#first + PAGE - 1, false);
    const found = slot(this.#root, "said").querySelector(`[data-cue="${cue}"]`);
    if (!found) return;
    found.classList.add("is-hit");
    requestAnimationFrame(() => found.scrollIntoView({ block: "center" }));
  }

  async #more(first, last, before) {
    try {
      const { meeting: of, said } = await get(`/api/v1/archive/meetings/${encodeURIComponent(this.#id)}`, { first, last }, this.#stop.signal);
      this.#show(of, said, before);
      if (before) this.#first = first;
      else this.#last = Math.max(this.#last, ...said.map((one) => one.cue));
      slot(this.#root, "before").hidden = this.#first <= 1;
      slot(this.#root, "after").hidden = this.#last >= this.#all;
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(this.#root, { title: reason(error) });
      slot(this.#root, "export").hidden = true;
    }
  }

  #show(of, said, before) {
    this.#all = of.sentences;
    const at = of.started_at ? `${date(of.started_at)}, ${time(of.started_at)}` : t("archive.no_time");
    fill(this.#root, {
      title: t("archive.of", { meeting: of.meeting_id }),
      facts: element("span", { className: "facts" }, ...[of.enterprise, at, t("archive.sentences", { n: of.sentences })].map((text) => element("span", {}, text))),
    });
    const items = said.map((one) => sentence(one, "", this.#words, "li"));
    const list = slot(this.#root, "said");
    if (!before) return list.append(...items);
    const height = document.documentElement.scrollHeight;
    list.prepend(...items);
    return window.scrollBy({ top: document.documentElement.scrollHeight - height, behavior: "instant" });
  }
}

function reason(error) {
  if (error instanceof Unreachable) return t("failed.unreachable");
  if (!(error instanceof Refused)) return t("failed.other");
  if (error.status === 404) return t("archive.missing");
  if (error.status === 503) return t("archive.unavailable");
  return error.status === 403 ? t("failed.forbidden") : t("archive.not_asked");
}
