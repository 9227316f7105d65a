/** Small charts, drawn as SVG. Each says in words what it shows; its colours come from the style sheet alone. */

import { drawn, element, hour, number, t } from "./dom.js";

/**
 * Return a line over the last hours, with the area below it. `points` are [{at, value}], the oldest first.
 *
 * It begins at nought: that nothing happens shall look like it.
 */
export function spark(points, name, [across, height] = [160, 36]) {
  const label = words(points, name);
  const chart = drawn("svg", { class: "spark", viewBox: `0 0 ${across} ${height}`, role: "img", "aria-label": label, preserveAspectRatio: "none" });
  if (points.length < 2) return chart;
  const most = Math.max(1, ...points.map(({ value }) => value));
  const line = points.map(({ value }, place) => {
    const x = (place / (points.length - 1)) * across;
    return `${x.toFixed(1)},${(height - 2 - (value / most) * (height - 6)).toFixed(1)}`;
  });
  chart.append(
    drawn("polygon", { class: "area", points: `0,${height} ${line.join(" ")} ${across},${height}` }),
    drawn("polyline", { class: "line", points: line.join(" "), "vector-effect": "non-scaling-stroke" }),
  );
  return chart;
}

function words(points, name) {
  if (!points.length) return t("chart.empty", { name });
  const values = points.map(({ value }) => value);
  return t("chart.over", {
    name,
    from: hour(points[0].at),
    least: Math.min(...values),
    most: Math.max(...values),
    last: values.at(-1),
  });
}

/** Drawn in the size in which it is shown, or nearly: so its figures are as large as other text. */
const width = () => Math.min(760, Math.max(280, window.innerWidth - 80));
const HEIGHT = 130;
const LEFT = 54;
const BOTTOM = 20;

/**
 * Return lines over time with their axes. `lines` are [{name, className, points: [{at, value|null}]}], in one unit.
 *
 * Where a value is null the line is broken: nothing was measured, which is not nought.
 */
export function lines(all, name, { most = 0, unit = number } = {}) {
  const wide = width();
  const points = all.flatMap((line) => line.points);
  const told = points.filter(({ value }) => value !== null);
  const chart = drawn("svg", { class: "chart", viewBox: `0 0 ${wide} ${HEIGHT}`, role: "img", "aria-label": described(all, name, unit) });
  if (!told.length) return chart;
  const top = nice(Math.max(most, ...told.map(({ value }) => value)));
  const times = points.map(({ at }) => Date.parse(at));
  const [from, until] = [Math.min(...times), Math.max(...times)];
  const x = (at) => LEFT + ((Date.parse(at) - from) / Math.max(1, until - from)) * (wide - LEFT - 8);
  const y = (value) => 8 + (1 - value / top) * (HEIGHT - BOTTOM - 8);
  for (const value of [0, top / 2, top]) {
    chart.append(
      drawn("line", { class: "grid", x1: LEFT, x2: wide - 8, y1: y(value), y2: y(value) }),
      drawn("text", { class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, unit(value)),
    );
  }
  chart.append(drawn("text", { class: "tick", x: LEFT, y: HEIGHT - 4 }, hour(from)));
  chart.append(drawn("text", { class: "tick", x: wide - 8, y: HEIGHT - 4, "text-anchor": "end" }, hour(until)));
  for (const line of all) {
    for (const run of runs(line.points)) {
      const path = run.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
      chart.append(
        run.length > 1
          ? drawn("polyline", { class: `line ${line.className}`, points: path })
          : drawn("circle", { class: `dot ${line.className}`, cx: x(run[0].at), cy: y(run[0].value), r: 2.5 }),
      );
    }
  }
  return chart;
}

function described(all, name, unit) {
  const parts = all.map((line) => {
    const values = line.points.map(({ value }) => value).filter((value) => value !== null);
    if (!values.length) return t("chart.none", { name: line.name });
    return t("chart.line", { name: line.name, most: unit(Math.max(...values)), last: unit(values.at(-1)) });
  });
  return `${name}: ${parts.join("; ")}`;
}

/** 1, 2 or 5 times a power of ten, at least `value`. */
function nice(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

function runs(points) {
  const all = [[]];
  for (const point of points) {
    if (point.value === null) all.push([]);
    else all.at(-1).push(point);
  }
  return all.filter((run) => run.length);
}

/** Return a rating from 0 to 5 as five bars and its word; null is "not measured". */
export function rating(value) {
  const kind = value === null ? "is-none" : value <= 2 ? "is-bad" : value === 3 ? "is-fair" : "is-good";
  const bars = drawn("svg", { viewBox: "0 0 24 14", "aria-hidden": "true" });
  for (let bar = 0; bar < 5; bar++) {
    const height = 4 + bar * 2.5;
    bars.append(drawn("rect", { x: bar * 5, y: 14 - height, width: 3.6, height, rx: 1, class: bar < (value ?? 0) ? "on" : "off" }));
  }
  const word = t(value === null ? "rating.none" : `rating.${value}`);
  const said = element("span", { className: `rating ${kind}`, title: value === null ? word : t("rating.of", { value }) }, bars, word);
  return said;
}

/** Return a strip of coloured steps, one a minute: how somebody's last hour was. */
export function strip(ratings, name) {
  const across = 120;
  const step = across / 60;
  const chart = drawn("svg", { class: "strip-chart", viewBox: `0 0 ${across} 26`, preserveAspectRatio: "none", role: "img", "aria-label": name });
  const last = ratings.slice(-60);
  last.forEach((value, place) => {
    const height = value === null ? 3 : 6 + value * 4;
    const kind = value === null ? "is-none" : value <= 2 ? "is-bad" : value === 3 ? "is-fair" : "is-good";
    const x = across - (last.length - place) * step;
    chart.append(drawn("rect", { x: x.toFixed(2), y: 26 - height, width: (step + 0.05).toFixed(2), height, class: kind }));
  });
  return chart;
}
