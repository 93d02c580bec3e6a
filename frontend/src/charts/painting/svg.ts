import { dotColours, type Palette, type Rgb } from "./colours";
import {
  type Dots,
  type Group,
  type Mark,
  type Path,
  round,
  type Scene,
  type Text,
} from "./scene";
import { CORNERS, RING } from "./shapes";

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Characters that XML does not allow are left out. */
function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
  return allowed.replace(/[&<>"]/g, (character) => ESCAPES[character]);
}

const hex = (rgb: Rgb | Uint8ClampedArray) =>
  `#${[...rgb].map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;

/** A scene as an SVG document that refers to nothing outside it. */
export function svg(scene: Scene, palette: Palette, title: string, font: string): string {
  const [width, height] = [round(scene.width), round(scene.height)];
  const clips: string[] = [];
  const body = scene.marks.map((mark) => markText(mark, palette, clips)).join("\n");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(font)}" role="img">`,
    `<title>${escaped(title)}</title>`,
    clips.length ? `<defs>${clips.join("")}</defs>` : "",
    body,
    "</svg>\n",
  ].join("\n");
}

function markText(mark: Mark, palette: Palette, clips: string[]): string {
  if (mark.kind === "path") return pathText(mark, palette);
  if (mark.kind === "text") return textText(mark, palette);
  if (mark.kind === "dots") return dotsText(mark, palette);
  return groupText(mark, palette, clips);
}

function groupText(group: Group, palette: Palette, clips: string[]): string {
  let clip = "";
  if (group.clip) {
    const [width, height] = group.clip.map(round);
    clips.push(
      `<clipPath id="clip-${clips.length}"><rect width="${width}" height="${height}"/></clipPath>`,
    );
    clip = ` clip-path="url(#clip-${clips.length - 1})"`;
  }
  const inner = group.marks.map((mark) => markText(mark, palette, clips)).join("\n");
  return `<g transform="translate(${round(group.x)} ${round(group.y)})"${clip}>\n${inner}\n</g>`;
}

function pathText(path: Path, palette: Palette): string {
  const fill = path.fill
    ? `fill="${hex(palette(path.fill))}" fill-opacity="${path.fillOpacity ?? 1}" fill-rule="evenodd"`
    : `fill="none"`;
  const dash = path.dash?.length ? ` stroke-dasharray="${path.dash.join(" ")}"` : "";
  const stroke = path.stroke
    ? ` stroke="${hex(palette(path.stroke))}" stroke-width="${path.width ?? 1}" stroke-opacity="${path.opacity ?? 1}" stroke-linejoin="round" stroke-linecap="round"${dash}`
    : "";
  return `<path d="${path.d}" ${fill}${stroke}/>`;
}

function textText(text: Text, palette: Palette): string {
  const halo = text.halo
    ? ` stroke="${hex(palette(text.halo))}" stroke-width="${round(text.size / 3)}" stroke-linejoin="round" paint-order="stroke"`
    : "";
  const bold = text.bold ? ` font-weight="600"` : "";
  const [x, y] = [round(text.x), round(text.y)];
  const turn = text.turned ? ` transform="rotate(-90 ${x} ${y})"` : "";
  return `<text x="${x}" y="${y}"${turn} font-size="${round(text.size)}" text-anchor="${text.anchor ?? "start"}" fill="${hex(palette(text.colour))}"${bold}${halo}>${escaped(text.text)}</text>`;
}

function dotsText(dots: Dots, palette: Palette): string {
  const colours = dotColours(dots, palette);
  const rim = dots.rim
    ? ` stroke="${hex(palette("--surface"))}" stroke-width="0.9" paint-order="stroke"`
    : "";
  const parts: string[] = [];
  for (let i = 0; i < dots.labels.length; i++) {
    const [x, y] = [round(dots.x[i]), round(dots.y[i])];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    parts.push(dotText(dots, i, x, y, hex(colours.subarray(3 * i, 3 * i + 3))));
  }
  return `<g fill-opacity="${dots.opacity}"${rim}>${parts.join("")}</g>`;
}

function dotText(dots: Dots, i: number, x: number, y: number, colour: string): string {
  const { shape } = dots.palette[dots.labels[i]];
  const { radius } = dots;
  const corners = CORNERS[shape];
  if (corners !== null) {
    const d = corners.map(([u, v]) => `${round(x + u * radius)} ${round(y + v * radius)}`);
    return `<path d="M${d.join("L")}Z" fill="${colour}"/>`;
  }
  if (shape === "circle") return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}"/>`;
  const middle = round(radius * (1 - RING / 2));
  return `<circle cx="${x}" cy="${y}" r="${middle}" fill="none" stroke="${colour}" stroke-width="${round(radius * RING)}"/>`;
}
