// data_visualization: bar, line, area and pie as SVG. d3 computes scales and shapes, we draw them; colours come from
// the style sheet, every series also has its own dash or mark, and the values can be read as a table.
import { html } from "htm/preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "./icons.js";
import { words } from "./words.js";
import { lazily, useWorld } from "./world.js";

const HEIGHT = 232;
const MARGIN = { top: 22, right: 12, bottom: 24, left: 12 };
const BAR_MOST = 72; // px
const LINE = 13; // px, from one line of a label to the next
const LETTER = 6.6; // px, the usual width of a letter on an axis
const LABELLED = 10; // bars that still carry their value

const useD3 = lazily(async () => {
  await import("../vendor/d3/d3.min.js");
  return globalThis.d3;
});

/** The width of a frame in pixels, as it changes; 0 until it is known. */
function useWidth(frame) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** A chart as series over categories; a pie is one series. Missing values are null. */
function tableOf({ series, segments, axis_config: axes }) {
  if (segments) return { categories: segments.map((one) => one.label), series: [{ name: words.value, values: segments.map((one) => one.value) }] };
  const categories = axes?.categories ?? series[0].data.map((point) => point.label);
  const valuesOf = (one) => new Map(one.data.map((point) => [point.label, point.value]));
  const drawn = series.map((one) => ({ name: one.name, at: valuesOf(one) }));
  return { categories, series: drawn.map(({ name, at }) => ({ name, values: categories.map((each) => at.get(each) ?? null) })) };
}

/** The two series between which a line runs everywhere are its range: drawn as one band. */
function rangeOf({ series }, type) {
  if (type !== "line" || series.length !== 3) return null;
  const [line, ...bounds] = series;
  const between = ([low, high]) => line.values.every((value, at) => value !== null && low.values[at] <= value && value <= high.values[at]);
  if (between(bounds)) return bounds;
  return between(bounds.toReversed()) ? bounds.toReversed() : null;
}

/** How figures are written: all with as many decimals as the most precise of them, at most two; large ones short. */
function formats(values, locale) {
  const known = values.filter((value) => value !== null);
  const decimals = Math.max(0, ...known.map((value) => Math.min(2, (String(value).split(".")[1] ?? "").length)));
  const large = Math.max(...known.map(Math.abs)) >= 10_000;
  const full = new Intl.NumberFormat(locale, { minimumFractionDigits: large ? 0 : decimals, maximumFractionDigits: decimals });
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  return { full, brief: large ? compact : full, compact };
}

function scaleOf(d3, values, type, bottom) {
  const [low, high] = d3.extent(values);
  const far = type === "line" && low > 0 && high - low < 0.6 * high;
  const pad = (high - low) * 0.15 || Math.abs(high) * 0.1 || 1;
  const domain = far ? [Math.max(0, low - pad), high + pad] : [Math.min(0, low), Math.max(0, high) || 1];
  return d3.scaleLinear(domain, [HEIGHT - bottom, MARGIN.top]).nice(4);
}

const short = (text, most = 20) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** A label in at most two lines of so many letters. */
function wrapped(text, most) {
  if (text.length <= most) return [text];
  const space = text.lastIndexOf(" ", most);
  const first = space > 0 ? text.slice(0, space) : short(text, most);
  return space > 0 ? [first, short(text.slice(space + 1), most)] : [first];
}

/** The lines of each label below the axis. Names are wrapped; where even that is too narrow, or along a line, only
    every second, third... is shown, counted from the last. */
function labelsOf(categories, step, type) {
  const room = Math.floor((step - 6) / LETTER);
  if (type === "bar" && room >= 4) {
    const lines = categories.map((name) => wrapped(name, room));
    const whole = !lines.flat().some((line) => line.endsWith("…"));
    return whole ? lines : categories.map((name, at) => [...(at % 2 ? [""] : []), short(name, room * 2)]); // in two rows by turns
  }
  const every = Math.max(1, Math.ceil((Math.max(...categories.map((name) => Math.min(name.length, 14))) * LETTER + 8) / step));
  return categories.map((name, at) => ((categories.length - 1 - at) % every === 0 ? [short(name, 14)] : []));
}

// ---------------------------------------------------------------- bars, lines and areas

/** Everything that the marks need: scales, the middle of each category, its label, and how figures are written. */
function useFrame(d3, data, type, width) {
  return useMemo(() => (d3 && width ? frameOf(d3, data, type, width) : null), [d3, data, type, width]);
}

function frameOf(d3, data, type, width) {
  const values = data.series.flatMap((one) => one.values).filter((value) => value !== null);
  const written = (y) => y.ticks(4).map((tick) => data.format.compact.format(tick).length);
  const left = MARGIN.left + Math.max(...written(scaleOf(d3, values, type, MARGIN.bottom))) * LETTER;
  const [inner, outer] = type === "bar" ? [0.28, 0.2] : [0, 0];
  const x = d3.scaleBand(data.categories, [left, width - MARGIN.right]).paddingInner(inner).paddingOuter(outer);
  const labels = labelsOf(data.categories, x.step(), type);
  const floor = HEIGHT - MARGIN.bottom - (labels.some((lines) => lines.length > 1) ? LINE : 0);
  const y = scaleOf(d3, values, type, HEIGHT - floor);
  const middle = (at) => x(data.categories[at]) + x.bandwidth() / 2;
  return { d3, x, y, ticks: y.ticks(4), left, width, floor, middle, labels, format: data.format };
}

function Grid({ frame }) {
  const line = (tick) => html`<g transform=${`translate(0,${frame.y(tick)})`}>
    <line class="b-grid" data-zero=${tick === 0} x1=${frame.left} x2=${frame.width - MARGIN.right} />
    <text class="b-tick-text" x=${frame.left - 8} dy="0.32em" text-anchor="end">${frame.format.compact.format(tick)}</text>
  </g>`;
  return frame.ticks.map(line);
}

function Categories({ frame, categories, at }) {
  const hidden = at >= 0 && !frame.labels[at].length; // the label of the active one lies over its neighbours
  const label = (name, index) => {
    const lines = index === at && hidden ? [short(name, 14)] : frame.labels[index];
    return html`<g class="b-category" data-active=${index === at} data-behind=${hidden && index !== at}>
      ${lines.map((line, row) => line && html`<text class="b-tick-text" x=${within(frame, line, index)} y=${frame.floor + 16 + row * LINE} text-anchor="middle">${line}</text>`)}
    </g>`;
  };
  return categories.map(label);
}

/** The middle of a category, moved inwards where its label would leave the chart. */
function within(frame, line, at) {
  const half = (line.length * LETTER) / 2;
  return Math.min(Math.max(frame.middle(at), half), frame.width - half);
}

const HATCHES = ["", "M-1,7L7,-1", "M3,3h0.01", "M0,3H6", "M3,0V6", "M-1,7L7,-1M-1,-1L7,7"];

/** Fills that tell bars and slices apart without colour: the first is plain, each of the others hatched its own way. */
function Hatches({ name }) {
  const hatch = (path, series) => path && html`<pattern id=${`${name}-${series}`} width="6" height="6" patternUnits="userSpaceOnUse"><path class="b-hatch" data-dot=${series === 2} d=${path} /></pattern>`;
  return html`<defs>${HATCHES.map(hatch)}</defs>`;
}

const hatched = (name, series) => HATCHES[series % HATCHES.length] && { fill: `url(#${name}-${series % HATCHES.length})`, "pointer-events": "none" };

function Bars({ frame, data, at }) {
  const { d3, x, y } = frame;
  const inner = d3.scaleBand(data.series.map((one) => one.name), [0, x.bandwidth()]).paddingInner(0.08);
  const wide = Math.min(inner.bandwidth(), BAR_MOST);
  const labelled = data.series.length === 1 && data.categories.length <= LABELLED && wide > 26;
  const bar = (one, series) => (value, index) => {
    if (value === null) return null;
    const left = x(data.categories[index]) + inner(one.name) + (inner.bandwidth() - wide) / 2;
    const top = Math.min(y(value), y(0));
    const tall = Math.max(Math.abs(y(value) - y(0)), 1);
    const box = { x: left, y: top, width: wide, height: tall, rx: Math.min(3, wide / 4) };
    const over = hatched(data.name, series);
    return html`<rect class="b-bar" data-series=${series} data-dim=${at >= 0 && at !== index} ...${box} />${over && html`<rect ...${box} ...${over} />`}
      ${labelled && html`<text class="b-bar-text" data-dim=${at >= 0 && at !== index} x=${left + wide / 2} y=${value < 0 ? top + tall + 13 : top - 6} text-anchor="middle">${frame.format.brief.format(value)}</text>`}`;
  };
  return data.series.map((one, series) => one.values.map(bar(one, series)));
}

function Band({ frame, bounds: [low, high] }) {
  const path = frame.d3.area((_, at) => frame.middle(at), (_, at) => frame.y(low.values[at]), (_, at) => frame.y(high.values[at]));
  return html`<path class="b-band" d=${path(low.values)} />`;
}

function Lines({ frame, data, at, filled, hidden = [] }) {
  const { d3, middle, y } = frame;
  const known = (value) => value !== null;
  const line = d3.line((_, index) => middle(index), y).defined(known);
  const area = d3.area((_, index) => middle(index), () => y(0), y).defined(known);
  const dotted = data.categories.length <= 24;
  const one = ({ name, values }, series) => {
    const isBound = hidden.includes(name);
    const dot = (value, index) => known(value) && !isBound && (dotted || index === at) && html`<${Mark} series=${series} x=${middle(index)} y=${y(value)} on=${index === at} />`;
    return html`${filled && html`<path class="b-area" data-series=${series} d=${area(values)} />`}
      <path class="b-line" data-series=${series} data-bound=${isBound} d=${line(values)} />${values.map(dot)}`;
  };
  return data.series.map(one).reverse();
}

const MARKS = [
  "M-3.5,0a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0",
  "M-3.2,-3.2h6.4v6.4h-6.4z",
  "M0,-4.4L4.2,3H-4.2z",
  "M0,-4.6L4.2,0L0,4.6L-4.2,0z",
  "M0,4.4L4.2,-3H-4.2z",
  "M-1.3,-4h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z",
];

/** A point of a series: each series has a mark of its own, so that colour is not needed to tell them apart. */
const Mark = ({ series, x, y, on }) => html`<path class="b-mark" data-series=${series} data-on=${on} d=${MARKS[series % MARKS.length]} transform=${`translate(${x},${y})`} />`;

function Plot({ type, data, frame, at, unit }) {
  const bounds = rangeOf(data, type);
  const marks = type === "bar"
    ? html`<${Bars} frame=${frame} data=${data} at=${at} />`
    : html`${bounds && html`<${Band} frame=${frame} bounds=${bounds} />`}
      <${Lines} frame=${frame} data=${data} at=${at} filled=${type === "area"} hidden=${bounds?.map((one) => one.name)} />`;
  return html`<svg class="b-svg" width=${frame.width} height=${HEIGHT} viewBox=${`0 0 ${frame.width} ${HEIGHT}`} aria-hidden="true">
    ${type === "bar" && html`<${Hatches} name=${data.name} />`}
    <${Grid} frame=${frame} />
    ${at >= 0 && type !== "bar" && html`<line class="b-cursor" x1=${frame.middle(at)} x2=${frame.middle(at)} y1=${MARGIN.top} y2=${frame.floor} />`}
    ${marks}
    <${Categories} frame=${frame} categories=${data.categories} at=${at} />
    ${unit && html`<text class="b-axis-text" x="0" y="10">${unit}</text>`}
  </svg>`;
}

// ---------------------------------------------------------------- pie

function Pie({ d3, data, width, at, point }) {
  const radius = Math.min(HEIGHT, width) / 2 - 8;
  const arcs = d3.pie().sort(null).padAngle(0.012)(data.series[0].values);
  const shape = (grown) => d3.arc().innerRadius(radius * 0.58).outerRadius(radius + grown).cornerRadius(2);
  const slice = (arc, index) => html`<path class="b-slice" data-series=${index} data-dim=${at >= 0 && at !== index} d=${shape(at === index ? 4 : 0)(arc)} onPointerEnter=${() => point(index)} />
    ${hatched(data.name, index) && html`<path d=${shape(at === index ? 4 : 0)(arc)} ...${hatched(data.name, index)} />`}`;
  return html`<svg class="b-svg b-pie" width=${radius * 2 + 16} height=${radius * 2 + 16} aria-hidden="true" onPointerLeave=${() => point(-1)}>
    <${Hatches} name=${data.name} />
    <g transform=${`translate(${radius + 8},${radius + 8})`}>${arcs.map(slice)}
      ${at >= 0 && html`<text class="b-pie-value" text-anchor="middle" dy="0.1em">${data.format.full.format(data.series[0].values[at])}</text>
        <text class="b-tick-text" text-anchor="middle" dy="1.6em">${short(data.categories[at])}</text>`}
    </g>
  </svg>`;
}

// ---------------------------------------------------------------- around the marks

const Swatch = ({ type, series, bound, name }) => html`<svg class="b-swatch" width="18" height="12" viewBox="-9 -6 18 12" aria-hidden="true">
  ${type === "bar" || type === "pie" || bound
    ? html`<rect class=${bound ? "b-band" : "b-bar"} data-series=${series} x="-5" y="-5" width="10" height="10" rx="2" />${!bound && hatched(name, series) && html`<rect x="-5" y="-5" width="10" height="10" rx="2" ...${hatched(name, series)} />`}`
    : html`<path class="b-line" data-series=${series} d="M-9,0H9" /><${Mark} series=${series} x=${0} y=${0} />`}
</svg>`;

function Legend({ type, data, at }) {
  const bounds = rangeOf(data, type) ?? [];
  if (type === "pie") {
    const part = (name, index) => html`<li data-dim=${at >= 0 && at !== index}><${Swatch} type=${type} series=${index} name=${data.name} /><span>${name}</span><b>${data.format.full.format(data.series[0].values[index])}</b></li>`;
    return html`<ul class="b-legend" data-stacked="true">${data.categories.map(part)}</ul>`;
  }
  if (data.series.length < 2) return null;
  const named = data.series.map((one, index) => ({ name: one.name, index, bound: bounds.includes(one) }));
  const lines = named.filter((one) => !one.bound);
  const band = bounds.length ? [{ name: bounds.map((one) => one.name).join(" – "), index: 1, bound: true }] : [];
  return html`<ul class="b-legend">${[...lines, ...band].map((one) => html`<li><${Swatch} type=${type} series=${one.index} bound=${one.bound} name=${data.name} /><span>${one.name}</span></li>`)}</ul>`;
}

function Tip({ data, type, at, frame }) {
  const values = data.series.map((one, series) => one.values[at] !== null && html`<li>
    ${data.series.length > 1 && html`<${Swatch} type=${type} series=${series} bound=${rangeOf(data, type)?.includes(one)} name=${data.name} />`}
    <span>${one.name}</span><b>${frame.format.full.format(one.values[at])}</b></li>`);
  const right = frame.middle(at) > frame.width / 2;
  const away = type === "bar" ? Math.min(frame.x.bandwidth(), data.series.length * BAR_MOST) / 2 + 8 : 12;
  const place = right ? { right: `${frame.width - frame.middle(at) + away}px` } : { left: `${frame.middle(at) + away}px` };
  return html`<div class="b-tip" style=${place}><div class="b-tip-name">${data.categories[at]}</div><ul>${values}</ul></div>`;
}

/** What is at a category, in words: read aloud as the reader moves. */
function saying(data, at) {
  if (at < 0) return "";
  const values = data.series.map((one) => (one.values[at] === null ? "" : `${one.name} ${data.format.full.format(one.values[at])}`));
  return [data.categories[at], ...values].filter(Boolean).join(", ");
}

function Values({ data, title, axes, seen }) {
  return html`<div class=${seen ? "b-scroll" : "b-unseen"} tabindex=${seen ? 0 : undefined}><table class="b-table">
    <caption class="b-unseen">${title}</caption>
    <thead><tr><th scope="col">${axes?.x_label || words.part}</th>${data.series.map((one) => html`<th scope="col" data-align="right">${one.name}</th>`)}</tr></thead>
    <tbody>${data.categories.map((name, at) => html`<tr><th scope="row">${name}</th>${data.series.map((one) => html`<td data-align="right">${one.values[at] === null ? "–" : data.format.full.format(one.values[at])}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

const withFormats = (data, locale) => ({ ...data, format: formats(data.series.flatMap((one) => one.values), locale) });

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function moved(event, at, count) {
  const ends = { Home: 0, End: count - 1, Escape: -1 };
  if (event.key in ends && !(event.key === "Escape" && at < 0)) return ends[event.key];
  if (!(event.key in STEPS)) return null;
  return at < 0 ? (STEPS[event.key] > 0 ? 0 : count - 1) : Math.min(Math.max(at + STEPS[event.key], 0), count - 1);
}

/** The category below the pointer. */
function below(event, frame, count) {
  const x = event.clientX - event.currentTarget.getBoundingClientRect().left - frame.left;
  return Math.min(Math.max(Math.floor((x / (frame.width - MARGIN.right - frame.left)) * count), 0), count - 1);
}

export function Chart({ block }) {
  const { chart, title } = block;
  const [at, setAt] = useState(-1);
  const [asTable, setAsTable] = useState(false);
  const { locale } = useWorld();
  const name = useId();
  const holder = useRef(null);
  const d3 = useD3();
  const width = useWidth(holder);
  const data = useMemo(() => ({ name: `hatch${name}`, ...withFormats(tableOf(chart), locale) }), [chart, locale]);
  const unit = chart.axis_config?.y_label === title ? "" : chart.axis_config?.y_label;
  const isPie = chart.type === "pie";
  const frame = useFrame(d3, data, chart.type, isPie ? 0 : width);
  const count = data.categories.length;
  const keys = (event) => {
    const next = moved(event, at, count);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    setAt(next);
  };
  const hover = frame && { onPointerMove: (event) => setAt(below(event, frame, count)), onPointerLeave: () => setAt(-1) };
  const drawn = isPie
    ? d3 && width > 0 && html`<${Pie} d3=${d3} data=${data} width=${width} at=${at} point=${setAt} />`
    : frame && html`<${Plot} type=${chart.type} data=${data} frame=${frame} at=${at} unit=${unit} />`;
  return html`<figure class="b-chart" data-pie=${isPie} aria-labelledby=${name}>
    <figcaption class="b-chart-top"><span class="b-caption" id=${name}>${title}</span>
      <button type="button" class="b-thumb" aria-pressed=${asTable} aria-label=${asTable ? words.asChart : words.asTable} title=${asTable ? words.asChart : words.asTable}
        onClick=${() => setAsTable(!asTable)}><${Icon} name=${asTable ? "chart-column" : "table-2"} /></button>
    </figcaption>
    <div class="b-chart-body" hidden=${asTable}>
      <div class="b-plot" ref=${holder} data-pie=${isPie} tabindex="0" role="group" aria-label=${words.chartHelp(title)} onKeyDown=${keys} onBlur=${() => setAt(-1)} ...${hover ?? {}}>
        ${drawn}
        ${frame && at >= 0 && html`<${Tip} data=${data} type=${chart.type} at=${at} frame=${frame} />`}
        <span class="b-unseen" aria-live="polite">${saying(data, at)}</span>
      </div>
      <${Legend} type=${chart.type} data=${data} at=${at} />
    </div>
    <${Values} data=${data} title=${title} axes=${chart.axis_config} seen=${asTable} />
  </figure>`;
}
