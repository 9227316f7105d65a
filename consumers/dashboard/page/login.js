/** Who are you? Also what the one-time link of the first start opens: there the first administrator is made. */

import { Refused, send } from "./api.js";
import { fill, t, template } from "./dom.js";

const LEAST = 12;

export function open(main, { link, entered }, app) {
  const root = template("login");
  const form = root.querySelector("form");
  const password = form.elements.password;
  app.title("");
  fill(root, {
    title: t(link ? "first.title" : "login.title"),
    text: link ? t("first.text") : null,
    hint: link ? t("first.rule", { n: LEAST }) : null,
    enter: t(link ? "first.enter" : "login.enter"),
    error: null,
  });
  if (link) form.elements.again.required = true;
  else form.elements.again.closest("label").remove();
  password.autocomplete = link ? "new-password" : "current-password";
  if (link) {
    password.minLength = LEAST;
    password.setAttribute("aria-describedby", "password-hint");
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void enter(root, form, link, entered);
  });
  main.append(root);
  form.elements.user.focus();
  return { change() {} };
}

async function enter(root, form, link, entered) {
  const { user, password, again } = form.elements;
  const button = form.querySelector("button");
  if (link && password.value !== again.value) return wrong(root, t("first.differ"), again);
  fill(root, { error: null });
  button.disabled = true;
  try {
    const body = { user: user.value, password: password.value };
    await (link ? send("POST", "/api/v1/first", { link, ...body }) : send("POST", "/api/v1/login", body));
    await entered();
  } catch (error) {
    wrong(root, said(error, link), password);
  } finally {
    button.disabled = false;
  }
  return undefined;
}

function wrong(root, text, field) {
  fill(root, { error: text });
  field.focus();
  field.select();
}

function said(error, link) {
  if (!(error instanceof Refused)) return t("failed.unreachable");
  if (error.status === 429) return t("login.too_many");
  if (link && error.error === "link") return t("first.used");
  if (link && error.error === "password") return t("first.rule", { n: LEAST });
  if (link && error.status === 400) return t("first.name");
  return error.status === 401 || error.status === 403 ? t("login.wrong") : t("failed.other");
}
