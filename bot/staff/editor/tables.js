// Tables of one line a cell, as Markdown has them: the first row holds the headings.
import { Plugin, TextSelection } from "prosemirror-state";

const cell = (tag) => ({
  content: "text*",
  marks: "strong em link",
  isolating: true,
  parseDOM: [{ tag }],
  toDOM: () => [tag, 0],
});
export const nodes = {
  table: { content: "row+", group: "block", isolating: true, parseDOM: [{ tag: "table" }], toDOM: () => ["table", ["tbody", 0]] },
  row: { content: "(heading_cell | cell)+", parseDOM: [{ tag: "tr" }], toDOM: () => ["tr", 0] },
  heading_cell: cell("th"),
  cell: cell("td"),
};
export const tokens = {
  table: { block: "table" },
  thead: { ignore: true },
  tbody: { ignore: true },
  tr: { block: "row" },
  th: { block: "heading_cell" },
  td: { block: "cell" },
};

export function write(state, table) {
  const width = Math.max(...table.children.map((row) => row.childCount));
  table.forEach((row, _, number) => {
    if (number) state.ensureNewLine();
    const cells = row.children.map((one) => inCell(state, one));
    while (cells.length < width) cells.push("");
    state.write(`| ${cells.join(" | ")} |`);
    if (!number) state.write(`\n|${" --- |".repeat(width)}`);
  });
  state.closeBlock(table);
}

function inCell(state, node) {
  const { out, closed } = state;
  state.out = "";
  state.closed = null;
  state.renderInline(node, false);
  const text = state.out.trim().replace(/\|/g, "\\|");
  Object.assign(state, { out, closed });
  return text;
}

/** The table around the selection, where it begins, and the row and column of the cell; null outside tables. */
function around({ $from }) {
  if ($from.depth < 3 || !$from.parent.type.name.endsWith("cell")) return null;
  const depth = $from.depth - 2;
  return { table: $from.node(depth), start: $from.start(depth), row: $from.index(depth), column: $from.index(depth + 1) };
}

function place({ table, start }, row, column) {
  let at = start;
  for (let i = 0; i < row; i++) at += table.child(i).nodeSize;
  at += 1;
  for (let i = 0; i < column; i++) at += table.child(row).child(i).nodeSize;
  return at;
}

function blank(schema, width, heading) {
  const type = schema.nodes[heading ? "heading_cell" : "cell"];
  return schema.nodes.row.create(null, Array.from({ length: width }, () => type.create()));
}

const within = (change) => (state, dispatch) => {
  const found = around(state.selection);
  const tr = found && change(state, found);
  if (tr && dispatch) dispatch(tr.scrollIntoView());
  return Boolean(tr);
};

function focused(tr, at) {
  return tr.setSelection(TextSelection.near(tr.doc.resolve(at)));
}

export const commands = {
  rowAdd: within((state, found) => {
    const { table, row } = found;
    const at = place(found, row, 0) - 1 + table.child(row).nodeSize;
    return focused(state.tr.insert(at, blank(state.schema, table.child(row).childCount, false)), at + 2);
  }),
  rowRemove: within((state, found) => {
    const { table, row } = found;
    const at = place(found, row, 0) - 1;
    return row ? focused(state.tr.delete(at, at + table.child(row).nodeSize), at - 2) : null;
  }),
  columnAdd: within((state, found) => {
    const { table, column } = found;
    const tr = state.tr;
    table.forEach((row, _, number) => {
      const after = Math.min(column, row.childCount - 1);
      const at = place(found, number, after) + row.child(after).nodeSize;
      tr.insert(tr.mapping.map(at), row.child(after).type.create());
    });
    return focused(tr, tr.mapping.map(place(found, found.row, column)) + table.child(found.row).child(column).nodeSize + 1);
  }),
  columnRemove: within((state, found) => {
    const { table, column } = found;
    if (table.child(found.row).childCount < 2) return null;
    const tr = state.tr;
    table.forEach((row, _, number) => {
      if (column >= row.childCount || row.childCount < 2) return;
      const at = place(found, number, column);
      tr.delete(tr.mapping.map(at), tr.mapping.map(at + row.child(column).nodeSize));
    });
    return tr;
  }),
  tableRemove: within((state, { start, table }) => state.tr.delete(start - 1, start - 1 + table.nodeSize)),
};

export function insert(state, dispatch) {
  const { $from } = state.selection;
  if (around(state.selection) || $from.depth !== 1) return false;
  const rows = [blank(state.schema, 2, true), blank(state.schema, 2, false)];
  const at = $from.parent.content.size ? $from.after() : $from.before();
  const end = $from.parent.content.size ? at : $from.after();
  const tr = state.tr.replaceWith(at, end, state.schema.nodes.table.create(null, rows));
  if (dispatch) dispatch(focused(tr, at + 3).scrollIntoView());
  return true;
}

/** To the cell beside; out of the first and the last one, the key does what it does on a page. */
export const next = (step) =>
  within((state, found) => {
    const { table } = found;
    let row = found.row;
    let column = found.column + step;
    if (column < 0 || column >= table.child(row).childCount) {
      row += step;
      if (row < 0 || row >= table.childCount) return null;
      column = step > 0 ? 0 : table.child(row).childCount - 1;
    }
    return focused(state.tr, place(found, row, column) + 1);
  });

/** Enter goes to the cell below; a cell is one line. */
export function down(state, dispatch, view) {
  const found = around(state.selection);
  if (!found) return false;
  const { table, row, column } = found;
  if (row + 1 === table.childCount) return commands.rowAdd(state, dispatch, view);
  if (dispatch) dispatch(focused(state.tr, place(found, row + 1, Math.min(column, table.child(row + 1).childCount - 1)) + 1));
  return true;
}

/** An empty paragraph after a table at the end, so that one can write on; null where there is room. */
export function roomy(state) {
  const last = state.doc.lastChild;
  return last?.type.name === "table" ? state.tr.insert(state.doc.content.size, state.schema.nodes.paragraph.create()).setMeta("addToHistory", false) : null;
}
export const room = new Plugin({ appendTransaction: (_, before, state) => roomy(state) });

/** Cells from other programs as one line each, and the first row as headings. */
export function pasted(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const table of page.querySelectorAll("table")) {
    for (const one of table.querySelectorAll("th, td")) {
      const made = page.createElement(one.closest("tr") === table.rows[0] ? "th" : "td");
      made.textContent = one.textContent.replace(/\s+/g, " ").trim();
      one.replaceWith(made);
      for (let more = 1; more < Math.min(one.colSpan, 20); more++) made.after(page.createElement(made.tagName));
    }
  }
  return page.body.innerHTML;
}
