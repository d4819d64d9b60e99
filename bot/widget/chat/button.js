// The element on the page, beside its body so that nothing done to that moves it, and the button that opens the chat.
// That is all the first frame shows; the panel and what is behind it are made after that frame, or when they are wanted.
const DARK = matchMedia("(prefers-color-scheme:dark)");
let host, asked, inline, panel, sheet, opener, acts;

const wake = () => acts || behind();

const launch = make(
  "button",
  { class: "launch", onclick: () => host.open(), "aria-haspopup": "dialog" },
  icon("M4 5h16v11H11l-5 4v-4H4z"),
  make("span", 0, given.words.button),
);

const frame = make("div", { lang: given.words.language, dir: given.words.direction }, launch);

const look = () => {
  const side = asked.position || (whole.dir === "rtl" ? "left" : "right");
  const theme = asked.theme || (DARK.matches ? "dark" : "light");
  frame.className = `frame ${side} ${theme} ${inline ? "inline" : ""}`;
  const own = ownButtons();
  for (const one of own) one.hidden = false;
  launch.hidden = panel?.open || (own[0] && !("float" in asked));
};

// The page's colour, with the text that reads best on it; anything but #rrggbb is ignored. BRIGHT is 0.18 of white.
const BRIGHT = 35400;
const colour = ({ color }) => {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return;
  const [red, green, blue] = color.match(/\w\w/g).map((two) => `0x${two}` ** 2.2);
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  frame.style.cssText = `--main:${color};--on-main:${light > BRIGHT ? "#000" : "#fff"}`;
};

const dress = (style) => {
  const root = host.shadowRoot;
  try {
    if (!sheet) sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
  } catch {
    if (!root.firstChild) root.append(make("link", { rel: "stylesheet", href: `${home}widget/${given.version}/chat.css` }));
  }
};

// There is one chat on a page. Where the page took it away, the next element gets it, as it was.
class Chat extends HTMLElement {
  connectedCallback() {
    if (frame.isConnected) return;
    host = this;
    asked = Object.assign(host.dataset, { ...script.dataset, ...host.dataset });
    inline = "inline" in asked;
    if (!host.shadowRoot) host.attachShadow({ mode: "open" });
    dress(acts ? given.style.join("") : given.style[0]);
    colour(asked);
    look();
    host.shadowRoot.append(frame);
    if (inline) host.open();
  }
}

for (const name of ["open", "close", "send", "restart", "exit"])
  Chat.prototype[name] = (...given) => {
    wake();
    acts[name](...given);
  };

document.addEventListener("click", (event) => {
  const path = event.composedPath();
  const own = ownButtons().find((one) => path.includes(one));
  const exits = path.some((one) => one.dataset && "yanapayExit" in one.dataset);
  if (own || exits) event.preventDefault();
  if (exits) host.exit();
  else if (own) {
    opener = own;
    host.open();
  }
});

addEventListener("DOMContentLoaded", () => {
  look();
  if (host.parentNode === whole && host.nextSibling && !panel?.open) whole.append(host);
});

customElements.define("yanapay-chat", Chat);
if (!host) whole.append(make("yanapay-chat"));
requestAnimationFrame(() => setTimeout(wake, 200));
