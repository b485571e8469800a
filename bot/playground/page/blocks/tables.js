// table and data_table: rows of cells; the latter sorted, filtered and paged by TanStack Table.
import { html } from "htm/preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "./icons.js";
import { RichText } from "./rich.js";
import { words } from "./words.js";
import { lazily } from "./world.js";

const PAGE = 5; // Slack's own, where the block says none
const LONG = 30; // characters beyond which a cell may take several lines
const FIGURE = /^[-+−–~<>≈]?\s?[$€£¥]?\s?\d[\d.,\s]*\s?(?:[%kMB]|[a-z]+|to|$|[-–])/u;
const NO_FIGURE = /^[—–-]?$/;

const useTanStack = lazily(async () => {
  await import("../vendor/table-core/index.production.js");
  return globalThis.TableCore;
});

const written = (cell) => (cell?.type === "rich_text" ? (cell.elements ?? []).map(writtenPart).join(" ") : String(cell?.text ?? cell?.value ?? ""));
const writtenPart = (part) => part.text ?? (part.elements ?? []).map(writtenPart).join("");

const isLong = (cell) => written(cell).length > LONG;

function Cell({ cell }) {
  return cell?.type === "rich_text" ? html`<${RichText} block=${cell} />` : written(cell);
}

const isNumber = (cell) => cell.type === "raw_number";

/** Does a column hold figures, so that it reads better set to the right? Dashes say nothing either way. */
function isFigures(rows, column) {
  const cells = rows.map((row) => row[column]).filter((cell) => cell && !NO_FIGURE.test(written(cell)));
  return cells.length > 0 && cells.every((cell) => isNumber(cell) || FIGURE.test(written(cell)));
}

/** A frame that scrolls sideways, reached by the keyboard only while it does. */
function Sideways({ name, children }) {
  const frame = useRef(null);
  const [wide, setWide] = useState(false);
  useEffect(() => {
    const shown = frame.current;
    const observer = new ResizeObserver(() => setWide(shown.scrollWidth > shown.clientWidth + 1));
    observer.observe(shown);
    observer.observe(shown.firstElementChild);
    return () => observer.disconnect();
  }, []);
  const reach = wide ? { tabindex: 0, role: "region", "aria-label": words.scrolls(name) } : {};
  return html`<div class="b-scroll" ref=${frame} data-wide=${wide} ...${reach}>${children}</div>`;
}

// ---------------------------------------------------------------- table

export function PlainTable({ block }) {
  const [head = [], ...rows] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  const aligned = (at) => settings[at]?.align ?? (isFigures(rows, at) ? "right" : "left");
  const cell = (Tag, one, at) => html`<${Tag} scope=${Tag === "th" ? "col" : undefined} data-align=${aligned(at)} data-wrap=${settings[at]?.is_wrapped ?? isLong(one)}>
    <${Cell} cell=${one} />
  <//>`;
  return html`<div class="b-framed"><${Sideways} name=${words.asTable}><table class="b-table">
    <thead><tr>${head.map((one, at) => cell("th", one, at))}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.map((one, at) => cell("td", one, at))}</tr>`)}</tbody>
  </table><//></div>`;
}

// ---------------------------------------------------------------- data_table

const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;

/** The columns for TanStack: numbers sort as numbers where every cell is one, else as text; dashes come last. */
function columnsOf(head, rows) {
  return head.map((cell, at) => {
    const numeric = rows.every((row) => isNumber(row[at]));
    const key = (row) => (numeric ? row[at].value : NO_FIGURE.test(written(row[at])) ? undefined : written(row[at]));
    const byKey = (one, other, id) => (numeric ? one.getValue(id) - other.getValue(id) : compare(one.getValue(id), other.getValue(id)));
    return { id: String(at), header: written(cell), accessorFn: key, sortingFn: byKey, sortUndefined: "last", sortDescFirst: numeric };
  });
}

const holds = (row, _column, text) => row.original.some((cell) => written(cell).toLocaleLowerCase().includes(text.toLocaleLowerCase()));

/** The table's state and what TanStack makes of it; null until the library is there. */
function useTable(block, head, rows) {
  const library = useTanStack();
  const [state, setState] = useState({ sorting: [], globalFilter: "", pagination: { pageIndex: 0, pageSize: block.page_size ?? PAGE } });
  const columns = useMemo(() => columnsOf(head, rows), [block]);
  const table = useMemo(() => library?.createTable({
    data: rows,
    columns,
    state: {},
    renderFallbackValue: null,
    onStateChange: () => {},
    getCoreRowModel: library.getCoreRowModel(),
    getSortedRowModel: library.getSortedRowModel(),
    getFilteredRowModel: library.getFilteredRowModel(),
    getPaginationRowModel: library.getPaginationRowModel(),
    globalFilterFn: holds,
    getColumnCanGlobalFilter: () => true,
    autoResetPageIndex: false,
  }), [library, columns]);
  table?.setOptions((options) => ({ ...options, state: { ...table.initialState, ...state }, onStateChange: setState }));
  return table ?? null;
}

function Head({ column, name, align }) {
  const way = column?.getIsSorted() ?? false;
  const said = { asc: "ascending", desc: "descending" }[way];
  const icon = { asc: "arrow-up", desc: "arrow-down" }[way] ?? "chevrons-up-down";
  return html`<th scope="col" aria-sort=${said} data-align=${align}>
    <button type="button" class="b-sort" data-sorted=${Boolean(way)} title=${words.sortBy(name)} onClick=${() => column?.toggleSorting()}>
      <span>${name}</span><${Icon} name=${icon} />
    </button>
  </th>`;
}

function Pages({ table, caption }) {
  const { pageIndex, pageSize } = table.getState().pagination;
  const found = table.getFilteredRowModel().rows.length;
  const from = pageIndex * pageSize;
  const turn = (icon, name, can, go) => html`<button type="button" class="b-turn" aria-label=${name} aria-disabled=${!can} onClick=${() => can && go()}>
    <${Icon} name=${icon} /></button>`;
  return html`<nav class="b-pages" aria-label=${words.pages(caption)}>
    <span aria-live="polite">${words.rows(from + 1, Math.min(from + pageSize, found), found)}</span>
    ${turn("chevron-left", words.previous, table.getCanPreviousPage(), () => table.previousPage())}
    ${turn("chevron-right", words.next, table.getCanNextPage(), () => table.nextPage())}
  </nav>`;
}

function Filter({ table, caption }) {
  const typed = (event) => {
    table.setGlobalFilter(event.currentTarget.value);
    table.setPageIndex(0);
  };
  return html`<label class="b-filter"><${Icon} name="search" />
    <input type="search" placeholder=${words.filter} aria-label=${words.filterRows(caption)} value=${table.getState().globalFilter} onInput=${typed} />
  </label>`;
}

export function DataTable({ block }) {
  const [head = [], ...rows] = block.rows ?? [];
  const table = useTable(block, head, rows);
  const name = useId();
  const caption = String(block.caption ?? "");
  const titled = block.row_header_column_index ?? 0;
  const aligned = useMemo(() => head.map((_, at) => (isFigures(rows, at) && at !== titled ? "right" : "left")), [block]);
  const page = table ? table.getRowModel().rows.map((row) => row.original) : rows.slice(0, block.page_size ?? PAGE);
  const plainly = caption === written(head[0]) && rows.length <= (block.page_size ?? PAGE); // said by the first column already
  const long = rows.length > (block.page_size ?? PAGE);
  const cell = (one, at) => at === titled
    ? html`<th scope="row"><${Cell} cell=${one} /></th>`
    : html`<td data-align=${aligned[at]} data-wrap=${isLong(one)}><${Cell} cell=${one} /></td>`;
  return html`<section class="b-data" aria-labelledby=${name}>
    <div class=${plainly ? "b-unseen" : "b-data-top"}><div class="b-caption" id=${name}>${caption}</div>${table && long && html`<${Filter} table=${table} caption=${caption} />`}</div>
    <${Sideways} name=${caption}><table class="b-table" aria-labelledby=${name}>
      <thead><tr>${head.map((one, at) => html`<${Head} column=${table?.getColumn(String(at))} name=${written(one)} align=${aligned[at]} />`)}</tr></thead>
      <tbody>${page.map((row) => html`<tr>${row.map(cell)}</tr>`)}
        ${table && !page.length && html`<tr><td class="b-none" colspan=${head.length}>${words.noMatch}</td></tr>`}
      </tbody>
    </table><//>
    ${table && long && html`<${Pages} table=${table} caption=${caption} />`}
  </section>`;
}
