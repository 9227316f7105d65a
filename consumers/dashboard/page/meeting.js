/**
 * One meeting: its people, how each is connected, what is said, what happened, and what of it we did not see.
 *
 * It is asked for once, and then kept up by the stream; the last hour of each person is asked for again each minute.
 */

import { get, may, Refused } from "./api.js";
import { Captions } from "./captions.js";
import { clock, element, fill, icon, joined, known, since, slot, span, t, template } from "./dom.js";
import { on } from "./live.js";
import { back, label, notes } from "./overview.js";
import { People } from "./people.js";

const AGAIN_MS = 60_000;
const BAD = new Set(["subscription_lost", "subscription_gap", "alert_fired"]);

export async function open(main, place, app) {
  const meeting = new Meeting(main, place, app);
  app.signal.addEventListener("abort", () => meeting.close());
  await meeting.load();
  return { change: (to) => meeting.change(to) };
}

class Meeting {
  #main;
  #app;
  #place;
  #root = template("meeting");
  #stop = new AbortController();
  #people;
  #captions;
  #detail = null;
  /** How often the stream has told of it. */
  #told = 0;
  #over = false;

  constructor(main, place, app) {
    this.#main = main;
    this.#place = place;
    this.#app = app;
    this.#root.querySelector(".back").href = back();
    this.#people = new People(slot(this.#root, "people-scroll"), slot(this.#root, "people"), (person) => this.#choose(person));
    this.#captions = may("captions") ? new Captions(this.#root) : null;
  }

  async load() {
    const { signal } = this.#stop;
    on("meeting", signal, (detail) => {
      this.#told += 1;
      this.#show(detail);
    });
    on("caption", signal, (caption) => this.#captions?.add(caption));
    on("open", signal, () => void this.#ask().catch(() => {}));
    // In the background nobody looks, and the line begins anew when somebody does.
    const asking = setInterval(() => document.hidden || void this.#ask().catch(() => {}), AGAIN_MS);
    const ticking = setInterval(() => this.#facts(), 10_000);
    signal.addEventListener("abort", () => [asking, ticking].forEach(clearInterval));
    await this.#ask();
    if (!signal.aborted) this.change(this.#place);
  }

  close() {
    this.#stop.abort();
    this.#people.close();
  }

  /** Show the person that the address names, or nobody. */
  change(place) {
    this.#place = place;
    this.#people.open(place.query.get("person"));
  }

  #choose(person) {
    const path = `#/meetings/${encodeURIComponent(this.#place.id)}`;
    this.#app.go(person === null ? path : `${path}?${new URLSearchParams({ person })}`);
  }

  async #ask() {
    const [told, mark] = [this.#told, this.#captions?.mark];
    try {
      const detail = await get(`/api/v1/meetings/${encodeURIComponent(this.#place.id)}`, {}, this.#stop.signal);
      this.#people.remember(detail.people);
      // What the stream has told since is newer than the answer.
      this.#show(told === this.#told || this.#detail === null ? detail : this.#detail);
      this.#captions?.merge(detail.captions ?? [], mark);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Refused) || error.status !== 404) throw error;
      this.#gone();
    }
  }

  #gone() {
    this.#over = true;
    if (this.#detail !== null) return this.#facts();
    this.#app.title(t("meeting.gone"));
    const link = element("a", { className: "button", href: back() }, t("meeting.back"));
    return this.#main.replaceChildren(element("section", { className: "empty" }, element("h1", { tabIndex: -1 }, t("meeting.gone")), link));
  }

  #show(detail) {
    if (detail.row.id !== this.#place.id) return;
    this.#detail = detail;
    this.#over = detail.row.state === "over";
    if (!this.#root.isConnected) this.#main.replaceChildren(this.#root);
    this.#facts();
    this.#people.show(detail.people);
    if (this.#captions === null) this.#noCaptions();
    this.#timeline(detail.timeline);
    this.#unseen(detail.unseen);
  }

  #facts() {
    if (this.#detail === null) return;
    const { row, waiting, locked, recording, people } = this.#detail;
    this.#app.title(label(row));
    const begun = row.started_at && t("meeting.since", { at: clock(row.started_at), span: since(row.started_at) });
    const facts = [row.subject && row.meeting_id, row.enterprise, row.scheduler && t("meeting.by", { name: row.scheduler }), begun];
    const tag = (name, kind, text) => element("span", { className: `tag ${kind}` }, icon(name), text);
    fill(this.#root, {
      subject: label(row),
      facts: element("span", { className: "facts" }, ...facts.filter(Boolean).map((text) => element("span", {}, text))),
      counted: people.length < row.people ? t("people.first", { n: people.length, all: row.people }) : t("people", { n: row.people }),
      "unseen-now": row.subscription === "lost" ? t("meeting.lost") : null,
    });
    slot(this.#root, "notes").replaceChildren(
      ...notes(row, this.#over),
      ...[recording && tag("record", "is-fair", t("note.recording")), locked && tag("lock", "", t("note.locked")), waiting > 0 && tag("people", "", t("note.waiting", { n: waiting }))].filter(Boolean),
    );
  }

  #noCaptions() {
    fill(this.#root, { "no-captions": t("captions.forbidden") });
    for (const name of ["caption-tools", "captions"]) slot(this.#root, name).hidden = true;
  }

  /** The newest first; those that are there already stay where they are. */
  #timeline(all) {
    const list = slot(this.#root, "timeline");
    const newest = all.toReversed();
    const key = (one) => [one.at, one.what, one.detail, one.participant_id].join("\n");
    const there = new Map([...list.children].map((item) => [item.dataset.key, item]));
    list.replaceChildren(...newest.map((one) => there.get(key(one)) ?? this.#happening(one, key(one))));
  }

  #happening(one, key) {
    const text = known("happened", one.what);
    const about = joined([one.name, known("reason", one.detail)]);
    const item = element("li", { className: BAD.has(one.what) ? "is-bad" : "", data: { key } });
    item.append(element("time", { dateTime: one.at }, clock(one.at)), element("span", {}, about ? `${text}: ${about}` : text));
    return item;
  }

  #unseen(spans) {
    slot(this.#root, "all-seen").hidden = spans.length > 0;
    slot(this.#root, "unseen").replaceChildren(
      ...spans.map(({ since: told, until, reason }) => {
        // 1970: from whenever it began, which was before anybody listened.
        const from = told && Date.parse(told) > 0 ? told : null;
        const [began, ended] = [from ? clock(from) : t("unseen.start"), until ? clock(until) : t("unseen.now")];
        const long = from && span(((until ? Date.parse(until) : Date.now()) - Date.parse(from)) / 1000);
        const why = joined([long, known("reason", reason)]);
        return element("li", {}, element("time", {}, `${began} – ${ended}`), element("span", {}, why));
      }),
    );
  }
}
