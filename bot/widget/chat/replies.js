// A reply as people see it: hotlines to call, a passage with its source, or plain words.
const LONG = 480;
const SHOWN = 320;

// Web and mail addresses can be opened; of numbers only those in `phones` can be called.
const linked = (text, phones = []) =>
  text.split(/(https?:\/\/[^\s<>]*[^\s<>.,;:)\]]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\d+)/).map((part, i) => {
    if (i % 2 === 0) return part;
    if (webPage(part)) return make("a", { href: part, target: "_blank", rel: "noreferrer" }, part);
    if (part.includes("@")) return make("a", { href: `mailto:${part}` }, part);
    return phones.includes(part) ? make("a", { href: `tel:${part}` }, part) : part;
  });

const said = (author, kind, ...content) =>
  box(`said ${kind || ""}`, make("span", { className: "unseen" }, `${author}: `), ...content);

const small = (...content) => make("span", { className: "small" }, ...content);

const calls = ({ phone, option, name, purpose, hours }) =>
  make(
    "li",
    0,
    make(
      "a",
      { href: `tel:${phone}`, className: "call" },
      icon("M7 3h10v18H7zM11 17h2"),
      make(
        "span",
        0,
        make("b", 0, option ? `${phone}, ${words.option} ${option}` : phone),
        !name.includes(phone) && ` ${name}`,
        small(purpose, hours && `; ${hours}`),
      ),
    ),
  );

const card = (text, hotlines) => {
  const [first, ...others] = text.split("\n").filter((line) => line && line[0] !== "•");
  return [
    make("p", 0, first),
    make("ul", { role: "list" }, ...hotlines.map(calls)),
    small(...others, ` (${words.checked.replace("{date}", hotlines[0].checked)})`),
  ];
};

const marked = (text, highlight) => {
  const [before, after] = text.split(highlight);
  return after === undefined ? linked(text) : [...linked(before), make("mark", 0, ...linked(highlight)), ...linked(after)];
};

// Of a long text the highlighted sentence is shown, or its beginning; the rest appears at a press and takes the focus.
const folded = (text, highlight) => {
  if (text.length < LONG) return [make("p", 0, ...marked(text, highlight))];
  const end = Math.max(...[". ", "\n", "。"].map((mark) => text.lastIndexOf(mark, SHOWN))) + 1 || SHOWN;
  const rest = make("p", { hidden: true, tabIndex: -1 }, ...marked(text.slice(highlight ? 0 : end).trim(), highlight));
  const unfold = button(
    "plain",
    () => {
      rest.hidden = false;
      rest.focus();
      unfold.remove();
    },
    words.unfold,
  );
  return [make("p", 0, ...marked(highlight || text.slice(0, end).trim(), highlight)), rest, unfold];
};

const source = ({ title, language, quote, quote_language }) =>
  make(
    "details",
    0,
    make("summary", 0, `${words.source}: `, make("span", { lang: language }, title)),
    make("blockquote", { lang: quote_language }, ...linked(quote.replace(/\n[-| ]+$|^\||\|$/gm, ""))),
  );

const plain = (text) => [make("p", 0, ...linked(text, words.card.hotlines.map((line) => line.phone)))];

const shown = ({ type, text, highlight, hotlines, sources, language }) => {
  const content = hotlines ? card(text, hotlines) : sources ? [...folded(text, highlight), ...sources.map(source)] : plain(text);
  const element = said(words.title, hotlines ? "hotline" : type, ...content);
  element.lang = sources ? sources[0].language : language;
  return element;
};
