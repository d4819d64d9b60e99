// Bundled into ../static/editor.js: see README.md here. Turns every <textarea data-editor> into an editor of what is seen.
import { EditorState } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import MarkdownIt from "markdown-it";
import { Schema } from "prosemirror-model";
import { schema as full, defaultMarkdownParser, defaultMarkdownSerializer, MarkdownParser, MarkdownSerializer } from "prosemirror-markdown";
import { history, undo, redo } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { baseKeymap, toggleMark, setBlockType } from "prosemirror-commands";
import * as tables from "./tables.js";
import { wrapInList, splitListItem, liftListItem, sinkListItem } from "prosemirror-schema-list";

let nodes = full.spec.nodes.remove("image").remove("horizontal_rule").remove("code_block");
nodes = nodes.update("heading", { ...nodes.get("heading"), content: "text*" });
for (const list of ["bullet_list", "ordered_list"]) {
  const { attrs, ...rest } = nodes.get(list);
  nodes = nodes.update(list, { ...rest, attrs: { ...attrs, tight: { default: true } } });
}
const schema = new Schema({
  nodes: nodes.append(tables.nodes),
  marks: full.spec.marks.remove("code"),
});
const { image, hr, code_block, fence, code_inline, ...tokens } = defaultMarkdownParser.tokens;
const markdown = MarkdownIt("commonmark", { html: false })
  .disable(["image", "hr", "code", "fence", "backticks"])
  .enable("table");
const parser = new MarkdownParser(schema, markdown, { ...tokens, ...tables.tokens });
const serializer = new MarkdownSerializer(
  {
    ...defaultMarkdownSerializer.nodes,
    table: tables.write,
    bullet_list(state, node) { state.renderList(node, "  ", () => "- "); },
  },
  defaultMarkdownSerializer.marks,
);
const write = (doc) => serializer.serialize(doc, { tightLists: true });
const safe = (address) => /^(https?:|mailto:|tel:)/i.test(address);

function linked(words) {
  return (state, dispatch) => {
    const mark = schema.marks.link;
    const { from, to, empty } = state.selection;
    if (state.doc.rangeHasMark(from, to, mark)) return toggleMark(mark)(state, dispatch);
    if (empty) return false;
    if (dispatch) {
      const typed = (window.prompt(words.address, "https://") || "").trim();
      if (safe(typed)) return toggleMark(mark, { href: typed })(state, dispatch);
    }
    return true;
  };
}

function commands(words) {
  const { strong, em } = schema.marks;
  const { bullet_list, ordered_list, list_item, paragraph } = schema.nodes;
  const out = liftListItem(list_item);
  return [
    ["bold", toggleMark(strong), (s) => marked(s, strong)],
    ["italic", toggleMark(em), (s) => marked(s, em)],
    ["bullets", (s, d, v) => wrapInList(bullet_list)(s, d, v) || out(s, d, v)],
    ["numbers", (s, d, v) => wrapInList(ordered_list)(s, d, v) || out(s, d, v)],
    ["plain", (s, d, v) => out(s, d, v) || setBlockType(paragraph)(s, d, v)],
    ["link", linked(words), (s) => marked(s, schema.marks.link)],
    ["table", tables.insert],
    ...Object.entries(tables.commands),
    ["undo", undo],
    ["redo", redo],
  ].map(([name, run, on]) => ({ name, run, on }));
}

function marked(state, type) {
  const { from, to, empty, $from } = state.selection;
  return empty ? Boolean(type.isInSet(state.storedMarks || $from.marks())) : state.doc.rangeHasMark(from, to, type);
}

function edit(area, words) {
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", words.tools);
  const place = document.createElement("div");
  place.className = "rich";
  area.before(bar, place);
  area.classList.add("source");
  const label = area.getAttribute("aria-label") || "";
  const item = schema.nodes.list_item;
  const keys = {
    Tab: tables.next(1), "Shift-Tab": tables.next(-1), "Mod-z": undo, "Mod-y": redo, "Mod-Shift-z": redo,
    "Mod-b": toggleMark(schema.marks.strong), "Mod-i": toggleMark(schema.marks.em), "Mod-k": linked(words),
    Enter: (...given) => tables.down(...given) || splitListItem(item)(...given), "Mod-]": sinkListItem(item), "Mod-[": liftListItem(item),
  };
  const plugins = [tables.room, history(), keymap(keys), keymap(baseKeymap)];
  const fresh = () => {
    const state = EditorState.create({ doc: parser.parse(area.value), plugins });
    return state.apply(tables.roomy(state) || state.tr);
  };
  const buttons = [];
  const show = () => buttons.forEach(({ button, command }) => {
    if (command.on) button.setAttribute("aria-pressed", String(command.on(view.state)));
    if (command.name === "table" || command.name in tables.commands) button.hidden = !command.run(view.state);
  });
  const view = new EditorView(place, {
    state: fresh(),
    attributes: { role: "textbox", "aria-multiline": "true", "aria-label": label, lang: area.lang || "" },
    transformPastedHTML: tables.pasted,
    dispatchTransaction(change) {
      view.updateState(view.state.apply(change));
      if (change.docChanged) {
        area.value = write(view.state.doc);
        area.dispatchEvent(new Event("change", { bubbles: true }));
      }
      show();
    },
  });
  for (const command of commands(words)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `to-${command.name}`;
    button.textContent = words[command.name];
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => { command.run(view.state, view.dispatch, view); view.focus(); });
    bar.append(button);
    buttons.push({ button, command });
  }
  area.addEventListener("input", () => view.updateState(fresh()));
  show();
}

for (const area of document.querySelectorAll("textarea[data-editor]")) edit(area, document.body.dataset);
