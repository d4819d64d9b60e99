// What the page says about its chat: where the gateway is, which language it wants.
const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
const home = new URL(".", script.src).href;
const whole = document.documentElement;

const languageOf = () =>
  [asked.language, whole.lang, ...navigator.languages]
    .map((name) => `${name}`.toLowerCase().split("-")[0])
    .find((code) => given.languages[code]);

const webPage = (address) => /^https?:\/\/[^\s/]/.test(address) && address;

// The page's own buttons, which open the chat in place of the one that floats.
const ownButtons = () => {
  try {
    return [...document.querySelectorAll(asked.button)];
  } catch {
    return [];
  }
};
