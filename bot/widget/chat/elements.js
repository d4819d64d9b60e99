// Elements are made here alone, and take text as text: nothing that anybody writes becomes HTML.
const make = (name, properties, ...content) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {}))
    key in element ? (element[key] = value) : element.setAttribute(key, value);
  element.append(...content.filter(Boolean));
  return element;
};

const box = (className, ...content) => make("div", { className }, ...content);

const button = (className, onclick, ...content) => make("button", { type: "button", className, onclick }, ...content);

const icon = (path) => {
  const [picture, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
};

// Web and mail addresses can be opened; of numbers only those in `phones` can be called.
const linked = (text, phones = []) =>
  text.split(/(https?:\/\/[^\s<>]*[^\s<>.,;:)\]]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\d+)/).map((part, i) => {
    if (i % 2 === 0) return part;
    if (webPage(part)) return make("a", { href: part, target: "_blank", rel: "noreferrer" }, part);
    if (part.includes("@")) return make("a", { href: `mailto:${part}` }, part);
    return phones.includes(part) ? make("a", { href: `tel:${part}` }, part) : part;
  });
