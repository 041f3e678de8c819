/** A CloudWatch dashboard's widgets as an SVG: their places, titles, series, columns and thresholds, without any data. */

/** As the body of a dashboard has it. */
export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly view?: string;
    readonly markdown?: string;
    /** Each the reference of an alarm. */
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
    readonly query?: string;
    readonly annotations?: { readonly horizontal?: readonly { readonly value: number; readonly label: string }[] };
  };
}

/** Pixels of a column and a row of the dashboard's grid, which is 24 columns wide. */
const COLUMN = 42;
const ROW = 26;
const COLUMNS = 24;
const MARGIN = 12;
const CAPTION = 52;
const GAP = 4;

const INK = '#16191f';
const SOFT = '#5f6b7a';
const LINE = '#d5dbdb';
const COLOURS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#9467bd', '#8c564b'];
const ALARM = '#d13212';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `alarmNames`: by the reference that a widget has of it. The same widgets give the same bytes. */
export function drawDashboard(
  name: string,
  widgets: readonly Widget[],
  alarmNames: ReadonlyMap<string, string>,
): string {
  const width = COLUMNS * COLUMN + 2 * MARGIN;
  const height = Math.max(...widgets.map((widget) => widget.y + widget.height)) * ROW + CAPTION + MARGIN;
  const shortNames = new Map([...alarmNames].map(([id, alarm]) => [id, shortName(name, alarm)]));
  const caption = [
    text(MARGIN, 24, `Layout of the CloudWatch dashboard “${name}”`, { size: 16, weight: 600 }),
    text(MARGIN, 42, 'A drawing made from the synthesised template, not a screenshot: it has no data.', { fill: SOFT }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif">
<title>Layout of the CloudWatch dashboard ${escaped(name)}, without data</title>
<rect width="${width}" height="${height}" fill="#f2f3f3"/>
${[...caption, ...widgets.map((widget) => drawWidget(widget, shortNames))].join('\n')}
</svg>
`;
}

/** An alarm's name without the prefix of all, and without most of a domain's id. */
function shortName(prefix: string, alarm: string): string {
  return alarm.replace(`${prefix}-`, '').replace(/-([0-9a-f]{8})-[0-9a-f-]{27}$/, ' · $1…');
}

function drawWidget(widget: Widget, alarmNames: ReadonlyMap<string, string>): string {
  const box = {
    x: MARGIN + widget.x * COLUMN + GAP / 2,
    y: CAPTION + widget.y * ROW + GAP / 2,
    width: widget.width * COLUMN - GAP,
    height: widget.height * ROW - GAP,
  };
  if (widget.type === 'text') return drawText(box, widget.properties.markdown ?? '');
  const frame = rect(box, { fill: '#fff', stroke: LINE });
  const title = text(box.x + 10, box.y + 18, widget.properties.title ?? '', { weight: 600, width: box.width - 20 });
  const inner = { x: box.x + 10, y: box.y + 28, width: box.width - 20, height: box.height - 36 };
  return [frame, title, ...contentOf(widget, inner, alarmNames)].join('\n');
}

function contentOf(widget: Widget, inner: Box, alarmNames: ReadonlyMap<string, string>): string[] {
  const { alarms = [], query, view } = widget.properties;
  if (widget.type === 'alarm') return drawAlarms(inner, alarms, alarmNames);
  if (query !== undefined) return drawTable(inner, columnsOf(query));
  return view === 'singleValue' ? drawNumbers(inner, widget) : drawGraph(inner, widget);
}

/** A heading and a line below it, as the text widgets of the dashboard have them. */
function drawText(box: Box, markdown: string): string {
  const [heading = '', ...lines] = markdown.split('\n');
  return [
    text(box.x + 6, box.y + 20, heading.replace(/^#+ /, ''), { size: 15, weight: 600 }),
    text(box.x + 6, box.y + 38, lines.join(' ').replaceAll('`', ''), { fill: SOFT, width: box.width - 12 }),
  ].join('\n');
}

function drawAlarms(inner: Box, alarms: readonly string[], names: ReadonlyMap<string, string>): string[] {
  const across = 4;
  const width = inner.width / across;
  return alarms.flatMap((id, index) => {
    const x = inner.x + (index % across) * width;
    const y = inner.y + Math.floor(index / across) * 27;
    return [
      rect({ x, y, width: width - 6, height: 22 }, { fill: '#f7f8f8', stroke: LINE }),
      text(x + 8, y + 15, names.get(id) ?? id, { width: width - 22 }),
    ];
  });
}

/** The columns of what a Logs Insights query answers: those of its last `stats`, else its `fields`. */
function columnsOf(query: string): string[] {
  const stats = /\| stats (.*) by (\w+)/.exec(query);
  if (stats) return [stats[2] ?? '', ...[...(stats[1] ?? '').matchAll(/ as (\w+)/g)].map(([, name]) => name ?? '')];
  return /fields ([^|\n]*)/.exec(query)?.[1]?.trim().split(/,\s*/) ?? [];
}

function drawTable(inner: Box, columns: readonly string[]): string[] {
  const rows = Math.floor((inner.height - 22) / 22);
  return [
    rect({ ...inner, height: 22 }, { fill: '#eaeded' }),
    ...inProportion(columns, inner.width).map(({ at, width, label }) =>
      text(inner.x + at + 6, inner.y + 15, label, { width: width - 8 }),
    ),
    ...Array.from({ length: rows }, (_, row) => {
      const y = inner.y + 22 * (row + 2);
      return line(inner.x, y, inner.x + inner.width, y);
    }),
  ];
}

/** Places side by side, the longer ones wider. */
function inProportion(labels: readonly string[], width: number): { at: number; width: number; label: string }[] {
  const lengths = labels.map((label) => label.length + 4);
  const unit = width / lengths.reduce((sum, length) => sum + length, 0);
  return labels.map((label, index) => {
    const before = lengths.slice(0, index).reduce((sum, length) => sum + length, 0);
    return { at: before * unit, width: (lengths[index] ?? 0) * unit, label };
  });
}

function drawNumbers(inner: Box, widget: Widget): string[] {
  const series = seriesOf(widget);
  const height = inner.height / series.length;
  return series.flatMap((label, index) => [
    text(inner.x, inner.y + index * height + height / 2, '–', { size: 24, fill: COLOURS[index] ?? INK }),
    text(inner.x + 26, inner.y + index * height + height / 2 - 2, label, { fill: SOFT, width: inner.width - 26 }),
  ]);
}

function drawGraph(inner: Box, widget: Widget): string[] {
  const plot = { x: inner.x + 4, y: inner.y, width: inner.width - 8, height: inner.height - 26 };
  const grid = [0, 1, 2, 3].map((step) => {
    const y = plot.y + (plot.height * step) / 3;
    return line(plot.x, y, plot.x + plot.width, y);
  });
  const thresholds = (widget.properties.annotations?.horizontal ?? []).flatMap(({ value, label }) => {
    const y = plot.y + plot.height / 4;
    return [
      line(plot.x, y, plot.x + plot.width, y, ALARM, '6 4'),
      text(plot.x + 4, y - 4, `${label}: ${value.toLocaleString('en-US')}`, { fill: ALARM }),
    ];
  });
  return [...grid, ...thresholds, ...drawLegend({ ...inner, y: inner.y + inner.height - 8 }, seriesOf(widget))];
}

function drawLegend(inner: Box, labels: readonly string[]): string[] {
  const widest = Math.min(inner.width, labels.length * 190);
  return inProportion(labels, widest).flatMap(({ at, width, label }, index) => [
    rect({ x: inner.x + at, y: inner.y - 9, width: 10, height: 10 }, { fill: COLOURS[index % COLOURS.length] ?? INK }),
    text(inner.x + at + 14, inner.y, label, { fill: SOFT, width: width - 18 }),
  ]);
}

/** Labels of the metrics that are shown: those that only feed an expression are left out. */
function seriesOf({ properties }: Widget): string[] {
  return (properties.metrics ?? []).flatMap((metric) => {
    const last = metric.at(-1) as { label?: string; expression?: string; visible?: boolean; yAxis?: string };
    if (last.visible === false) return [];
    const name = last.expression === undefined ? String(metric[1]) : (last.label ?? '');
    return [last.yAxis === 'right' ? `${name} (right)` : name];
  });
}

interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
  /** Where there is not more room, the text is set smaller. */
  readonly width?: number;
}

/** Average width of a character of the widest usual font, as part of its size. */
const CHARACTER = 0.57;
const BOLD_CHARACTER = 0.65;

function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, weight, fill = INK, width = Number.POSITIVE_INFINITY } = style;
  const room = width / (content.length * (weight === undefined ? CHARACTER : BOLD_CHARACTER));
  const bold = weight === undefined ? '' : ` font-weight="${weight}"`;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${round(Math.min(size, room))}"${bold} fill="${fill}">${escaped(content)}</text>`;
}

function rect({ x, y, width, height }: Box, { fill, stroke }: { fill: string; stroke?: string }): string {
  const border = stroke === undefined ? '' : ` stroke="${stroke}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="2" fill="${fill}"${border}/>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour = LINE, dashes?: string): string {
  const dashed = dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`;
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colour}"${dashed}/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
