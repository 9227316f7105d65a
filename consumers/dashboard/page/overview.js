/**
 * All meetings that are on: their numbers, and the list, the worst first.
 *
 * Values change in their places as they come; the order does not change under anybody's hands. It is put right every ten
 * seconds, and a second after a meeting came or went, but not while the pointer or the keyboard is in the list: then a
 * button says that it could be.
 */

import { has } from "./api.js";
import { rating, spark } from "./chart.js";
import { choices, element, fill, hour, icon, joined, mark, number, since, slot, span, t, template } from "./dom.js";
import { List } from "./list.js";
import { needRows, on, present } from "./live.js";

const SETTLE_MS = 10_000;
/** Where the list was left, and how far down: who comes back from a meeting is there again. */
const left = { hash: "#/", y: 0 };
const LAST = 9;
const ORDERS = {
  worst: (one, other) => (one.worst ?? LAST) - (other.worst ?? LAST) || other.bad - one.bad || other.alerts - one.alerts,
  people: (one, other) => other.people - one.people,
  newest: (one, other) => (other.started_at ?? "").localeCompare(one.started_at ?? ""),
  name: (one, other) => label(one).localeCompare(label(other)),
};
const SHOWN = {
  all: () => true,
  bad: (row) => row.bad > 0 || (row.worst ?? LAST) <= 2,
  lost: (row) => row.subscription === "lost",
  alerts: (row) => row.alerts > 0,
};

export function open(main, place, app) {
  const root = template("overview");
  main.append(root);
  app.title(t("overview.title"));
  const overview = new Overview(root, place, app);
  if (left.hash === here()) window.scrollTo(0, left.y);
  app.signal.addEventListener("abort", () => overview.close());
  return { change: (to) => overview.change(to) };
}

class Overview {
  #root;
  #app;
  #form;
  #list;
  #stop = new AbortController();
  #asked = {};
  #shown = [];
  #ids = new Set();
  #settled = 0;
  #came = false;
  #hovered = false;

  constructor(root, place, app) {
    this.#root = root;
    this.#app = app;
    this.#form = root.querySelector("form");
    this.#list = new List(slot(root, "rows"), null, { make: () => template("meeting-row"), show: (row, item) => this.#row(row, item) });
    this.#controls();
    const { signal } = this.#stop;
    on("overview", signal, () => this.#numbers());
    on("rows", signal, (changed) => this.#changed(changed));
    window.addEventListener("scroll", () => Object.assign(left, { hash: here(), y: window.scrollY }), { signal, passive: true });
    const ticking = setInterval(() => this.#tick(), 1_000);
    signal.addEventListener("abort", () => clearInterval(ticking));
    this.change(place);
    this.#numbers();
    needRows();
  }

  close() {
    this.#stop.abort();
    this.#list.close();
  }

  /** Show what the address asks for. */
  change({ query }) {
    const given = (name, all) => (query.get(name) in all ? query.get(name) : Object.keys(all)[0]);
    this.#asked = { query: query.get("query") ?? "", enterprise: query.get("enterprise") ?? "", state: given("state", SHOWN), order: given("order", ORDERS) };
    Object.assign(left, { hash: here(), y: left.hash === here() ? left.y : 0 });
    this.#enterprises();
    for (const [name, value] of Object.entries(this.#asked)) {
      const field = this.#form.elements[name];
      if (field !== document.activeElement || field.type !== "search") field.value = value;
    }
    this.#settle();
  }

  #controls() {
    choices(this.#form.elements.state, Object.keys(SHOWN).map((name) => [name, t(`state.${name}`)]));
    choices(this.#form.elements.order, Object.keys(ORDERS).map((name) => [name, t(`order.${name}`)]));
    const { signal } = this.#stop;
    this.#form.addEventListener("submit", (event) => event.preventDefault(), { signal });
    this.#form.addEventListener("input", (event) => this.#go(event.target.type === "search"), { signal });
    const settle = slot(this.#root, "settle");
    settle.textContent = t("overview.settle");
    settle.addEventListener("click", () => {
      this.#settle();
      // The button is no more: who is at the keyboard goes on from here.
      this.#root.querySelector("h1").focus({ preventScroll: true });
    }, { signal });
    const rows = slot(this.#root, "rows");
    rows.addEventListener("pointerenter", (event) => (this.#hovered = event.pointerType === "mouse"), { signal });
    rows.addEventListener("pointerleave", () => (this.#hovered = false), { signal });
  }

  #go(typing) {
    const asked = new URLSearchParams();
    for (const name of ["query", "enterprise", "state", "order"]) {
      const value = this.#form.elements[name].value;
      if (value && value !== Object.keys(SHOWN)[0] && value !== Object.keys(ORDERS)[0]) asked.set(name, value);
    }
    this.#app.go(asked.size ? `#/?${asked}` : "#/", { replace: typing });
  }

  /** The one that is asked for stays a choice, also while none of its meetings is on. */
  #enterprises() {
    const there = new Set([...present.rows.values()].map((row) => row.enterprise));
    if (this.#asked.enterprise) there.add(this.#asked.enterprise);
    const select = this.#form.elements.enterprise;
    choices(select, [["", t("overview.all")], ...[...there].sort().map((name) => [name, name])]);
    select.closest("label").hidden = there.size < 2;
  }

  #changed({ whole, rows = [], gone = [] }) {
    if (whole) {
      this.#enterprises();
      this.#form.elements.enterprise.value = this.#asked.enterprise;
      return this.#settle();
    }
    this.#came ||= gone.length > 0 || rows.some((row) => !this.#ids.has(row.id));
    return this.#list.refresh();
  }

  #tick() {
    const old = Date.now() - this.#settled;
    const held = this.#hovered || this.#list.busy;
    if (!held && (this.#came || old > SETTLE_MS)) return this.#settle();
    if (old % SETTLE_MS < 1_000) this.#list.refresh();
    const offered = held && this.#order().some((row, place) => row.id !== this.#shown[place]?.id);
    slot(this.#root, "settle").hidden = !offered;
  }

  #settle() {
    this.#shown = this.#order();
    this.#ids = new Set(this.#shown.map((row) => row.id));
    this.#settled = Date.now();
    this.#came = false;
    slot(this.#root, "settle").hidden = true;
    this.#list.show(this.#shown);
    const rows = this.#shown.filter((row) => row.state === "on").length;
    const [shown, all, over] = [this.#shown.length, present.rows.size, this.#shown.length - rows];
    const counted = shown === all ? t("overview.shown_all", { n: rows }) : t("overview.shown", { n: shown, all });
    const nothing = shown > 0 ? null : !present.whole ? t("overview.loading") : all === 0 ? t("overview.none") : t("overview.no_match");
    fill(this.#root, {
      shown: !present.whole ? null : over && shown === all ? `${counted} · ${t("overview.over", { n: over })}` : counted,
      empty: nothing,
    });
  }

  #order() {
    const { query, enterprise, state, order } = this.#asked;
    const wanted = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const fits = (row) => {
      if ((enterprise && row.enterprise !== enterprise) || !SHOWN[state](row)) return false;
      if (!wanted.length) return true;
      const text = [row.subject, row.meeting_id, row.scheduler, row.enterprise, ...row.speakers_now].join("\n").toLocaleLowerCase();
      return wanted.every((word) => text.includes(word));
    };
    const over = (row) => Number(row.state === "over");
    const compare = (one, other) => over(one) - over(other) || ORDERS[order](one, other) || one.id.localeCompare(other.id);
    return [...present.rows.values()].filter(fits).sort(compare);
  }

  #numbers() {
    const now = present.overview;
    const hours = now?.hours ?? [];
    const chart = (name, of) => spark(hours.map((step) => ({ at: step.at, value: of(step) })), name);
    for (const [name, of] of [["meetings", (step) => step.meetings], ["people", (step) => step.people]]) {
      const most = hours.length ? { n: Math.max(...hours.map(of)), at: hour(hours[0].at) } : null;
      this.#tile(name, t(`tile.${name}`), now?.[name], { note: most && t("tile.most", most), drawing: chart(t(`tile.${name}`), of) });
    }
    const share = now?.people ? t("tile.of_people", { share: `${number((100 * now.bad) / now.people)} %` }) : null;
    this.#tile("bad", t("tile.bad"), now?.bad, { note: share, drawing: chart(t("tile.bad"), (step) => step.bad) });
    this.#tile("lost", t("tile.lost"), now?.subscriptions_lost, { note: now && t(now.subscriptions_lost ? "tile.lost_some" : "tile.lost_none"), bad: now?.subscriptions_lost });
    slot(this.#root, "standing").hidden = !has("alerts") && !now?.alerts;
    this.#tile("standing", t("tile.alerts"), now?.alerts, { note: now && t(now.alerts ? "tile.alerts_some" : "tile.alerts_none"), bad: now?.alerts });
  }

  #tile(name, title, figure, { note = null, drawing = null, bad = false }) {
    const place = slot(this.#root, name);
    if (!place.firstChild) place.append(template("tile"));
    fill(place, { name: title, figure: figure === undefined ? "–" : number(figure), note, drawing });
    mark(place, { "is-bad": bad, bad: name === "bad" });
  }

  #row(element_, item) {
    const now = present.rows.get(item.id) ?? item;
    const gone = !present.rows.has(item.id) || now.state === "over";
    if (element_.told === now && element_.minute === minute()) return mark(element_, { "is-gone": gone });
    Object.assign(element_, { told: now, minute: minute() });
    mark(element_, { "is-gone": gone });
    fill(element_, {
      subject: label(now),
      place: joined([now.subject ? now.meeting_id : null, now.enterprise, now.scheduler]),
      worst: rating(now.worst),
      people: number(now.people),
      both: t("people", { n: now.people }) + (now.bad ? ` · ${t("people.bad", { n: now.bad })}` : ""),
      bad: now.bad ? number(now.bad) : null,
      speaking: joined(now.speakers_now, ", "),
      for: now.started_at && lasted(now),
    });
    slot(element_, "subject").href = `#/meetings/${encodeURIComponent(now.id)}`;
    slot(element_, "notes").replaceChildren(...notes(now, gone));
    return undefined;
  }
}

const here = () => location.hash || "#/";

/** The address of the list as it was last looked at, with its search and its filters. */
export const back = () => left.hash;

const minute = () => Math.floor(Date.now() / 10_000);

function lasted({ started_at, ended_at }) {
  return ended_at ? span((Date.parse(ended_at) - Date.parse(started_at)) / 1000) : since(started_at);
}

/** What a meeting is called: its subject, or without one its ID. */
export const label = (row) => row.subject || row.meeting_id;

/** What is to be known of a meeting at a glance. */
export function notes(row, gone = row.state === "over") {
  const tag = (name, kind, text) => element("span", { className: `tag ${kind}` }, icon(name), text);
  return [
    gone && tag("close", "", t("note.over")),
    row.alerts > 0 && tag("bell", "is-bad", t("note.alerts", { n: row.alerts })),
    row.subscription === "lost" && tag("unplugged", "is-bad", t("note.lost")),
    !gone && row.subscription === "none" && tag("unplugged", "", t("note.none")),
    row.captions_on && tag("captions", "", t("note.captions")),
  ].filter(Boolean);
}
