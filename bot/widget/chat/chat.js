// The element on the page, beside its body so that nothing done to that moves it: opens, closes, leaves, listens.
const SMALL = matchMedia("(max-width: 30em), (max-height: 30em)");
const DARK = matchMedia("(prefers-color-scheme: dark)");
let opener;

const report = (event) => host.dispatchEvent(new CustomEvent(`yanapay:${event}`, { bubbles: true }));

const look = () => {
  const side = asked.position || (whole.dir === "rtl" ? "left" : "right");
  const theme = asked.theme || (DARK.matches ? "dark" : "light");
  frame.className = `frame ${side} ${theme} ${inline ? "inline" : ""}`;
  const own = ownButtons();
  for (const one of own) one.hidden = false;
  launch.hidden = panel.open || (own[0] && !("float" in asked));
};

const open = () => {
  if (panel.open) return;
  if (inline) panel.open = true;
  else SMALL.matches ? panel.showModal() : panel.show();
  look();
  if (!name) begin();
  if (!inline) (SMALL.matches ? scroller : input).focus();
  again();
  save();
  report("open");
};

const close = () => {
  if (!panel.open || inline) return;
  panel.close();
  look();
  (opener || launch).focus();
  opener = null;
  save();
  report("close");
};

const exit = () => {
  end();
  report("exit");
  leave(webPage(asked.exit) || given.exit);
};

const pressed = (event) => {
  const path = event.composedPath();
  const own = ownButtons().find((one) => path.includes(one));
  const exits = path.some((one) => one.dataset && "yanapayExit" in one.dataset);
  if (own || exits) event.preventDefault();
  if (exits) return exit();
  if (own) {
    opener = own;
    open();
  }
};

// On a phone the panel fills what the keyboard leaves of the screen.
const fit = () => {
  const { scale, height, offsetTop } = visualViewport;
  panel.style.cssText = scale === 1 ? `--height:${height}px;--top:${offsetTop}px` : "";
};

const listen = () => {
  DARK.onchange = look;
  visualViewport.onresize = visualViewport.onscroll = fit;
  document.addEventListener("click", pressed);
  addEventListener("DOMContentLoaded", look);
  addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape") close();
      if (thirdShift(event) && told) exit();
    },
    true,
  );
  addEventListener("online", again);
  addEventListener("offline", () => name && lose());
  addEventListener("pagehide", () => {
    keeping() ? empty() : end();
    if (!inline) panel.close();
    look();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) restore();
    if (inline && !name) begin();
  });
};

const dress = (shadow) => {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(given.style);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    shadow.append(make("link", { rel: "stylesheet", href: `${home}widget/${given.version}/chat.css` }));
  }
  shadow.append(frame);
};

class Chat extends HTMLElement {
  connectedCallback() {
    if (this !== host || this.shadowRoot) return;
    empty();
    colour(frame);
    label();
    look();
    dress(this.attachShadow({ mode: "open" }));
    listen();
    speak(languageOf() || words.language);
    restore();
    if (inline) open();
    report("ready");
  }
}

Object.assign(host, { open, close, send, restart, exit });

customElements.define("yanapay-chat", Chat);
if (!host.isConnected) whole.append(host);
