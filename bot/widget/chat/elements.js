// Elements are made here alone, and take text as text: nothing that anybody writes becomes HTML.
const make = (name, properties = 0, ...content) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    key in element ? (element[key] = value) : element.setAttribute(key, value);
  element.append(...content.filter(Boolean));
  return element;
};

const box = (kind, ...content) => make("div", { class: kind }, ...content);

const button = (kind, onclick, ...content) => make("button", { class: kind, onclick }, ...content);

const icon = (path) => {
  const [picture, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
};
