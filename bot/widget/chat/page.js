// What the page says about its chat: where the gateway is, which language and colours it wants.
const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
const home = new URL(".", script.src).href;
const whole = document.documentElement;
const host = document.querySelector("yanapay-chat") || document.createElement("yanapay-chat");
const asked = Object.assign(host.dataset, { ...script.dataset, ...host.dataset });
const inline = "inline" in asked;

const languageOf = () =>
  [asked.language, whole.lang, ...navigator.languages]
    .map((name) => (name || "").toLowerCase().split("-")[0])
    .find((code) => given.languages[code]);

const webPage = (address) => /^https?:\/\/[^\s/]/.test(address || "") && address;

// The page's own buttons, which open the chat in place of the one that floats.
const ownButtons = () => {
  try {
    return [...document.querySelectorAll(asked.button)];
  } catch {
    return [];
  }
};

// The page's colour, with the text that reads best on it; anything but #rrggbb is ignored.
const colour = (element) => {
  if (!/^#[0-9a-f]{6}$/i.test(asked.color)) return;
  const light = [0.2126, 0.7152, 0.0722].reduce(
    (sum, share, i) => sum + share * (parseInt(asked.color.slice(2 * i + 1, 2 * i + 3), 16) / 255) ** 2.2,
    0,
  );
  element.style.setProperty("--main", asked.color);
  element.style.setProperty("--on-main", light > 0.18 ? "#000" : "#fff");
};
