// The panel with its parts. Keys are told by their codes, for these say 229 while a word is put together (as in Chinese).
const ENTER = 13;
const ESCAPE = 27;
const heading = make("h2", { id: "title" });
const languages = make("select", { onchange: () => speak((chosen = languages.value)) });
const restarts = button("bare", () => restart(), icon("M4 12a8 8 0 1 0 3-6.2M4 4v5h5"));
const closes = button("bare close", () => close(), icon("M6 6l12 12M18 6L6 18"));
const exits = button("exit", () => exit(), icon("M14 5H5v14h9M10 12h11M17 8l4 4-4 4"), make("span"));
const log = make("div", { class: "log", role: "log" });
const quick = box("quick");
const state = make("p", { role: "status" });
const retries = button("plain", () => again());
const scroller = make("div", { class: "scroller", tabIndex: 0, role: "region" }, log, quick);
const input = make("textarea", { rows: 1, maxLength: given.longest, autocomplete: "off", spellcheck: false, enterKeyHint: "send" });
const sends = make("button", { class: "send" }, icon("M4 12h15M13 6l6 6-6 6"));
const form = make("form", 0, input, sends);
const keeps = make("input", { type: "checkbox", checked: true, onchange: () => save() });
const keepName = make("span");
panel = make(
  "dialog",
  { class: "panel", "aria-labelledby": "title" },
  box("top", heading, languages, closes, exits, restarts),
  scroller,
  box("state", state, retries),
  form,
  "keep" in asked && make("label", { class: "keep small" }, keeps, keepName),
);

for (const [code, name] of Object.entries(given.languages)) languages.append(make("option", { value: code, lang: code }, name));

const submit = (event) => {
  event.preventDefault();
  send(input.value);
  input.value = "";
};

form.onsubmit = submit;

input.onkeydown = (event) => {
  if (event.keyCode === ENTER && !event.shiftKey) submit(event);
};

panel.oncancel = (event) => {
  event.preventDefault();
  close();
};

frame.onkeydown = frame.onkeyup = frame.onkeypress = (event) => event.stopPropagation();

const tell = (text, retry) => {
  if (state.textContent !== text) state.textContent = text;
  retries.hidden = !retry;
};

const scrollTo = (element) => (scroller.scrollTop = element.offsetTop - 12);

const label = () => {
  frame.lang = languages.value = words.language;
  frame.dir = words.direction;
  heading.textContent = asked.title || words.title;
  launch.lastChild.textContent = words.button;
  exits.lastChild.textContent = words.exit;
  retries.textContent = words.retry;
  keepName.textContent = words.keep;
  input.placeholder = words.placeholder;
  for (const [part, name] of [
    [restarts, words.restart],
    [closes, words.close],
    [sends, words.send],
    [languages, words.languages],
    [scroller, words.conversation],
    [input, words.placeholder],
  ]) {
    part.setAttribute("aria-label", name);
    if (part.localName === "button") part.title = name;
  }
};
