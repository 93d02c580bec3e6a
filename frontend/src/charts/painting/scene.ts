/**
 * A chart as a value: marks in pixels, the origin at the upper left, the y axis downwards.
 *
 * Colours are names of custom properties, which the painters resolve.
 */
export type Token = `--${string}`;

/** Where and how large: `em` is the size of the text in pixels. */
export interface Space {
  width: number;
  height: number;
  em: number;
}

export interface Scene extends Space {
  marks: Mark[];
}

export type Mark = Dots | Path | Text | Group;

export type Shape = "circle" | "square" | "triangle" | "diamond" | "cross" | "ring";

export interface Swatch {
  colour: Token;
  shape: Shape;
}

/** Many equal marks. Where x or y is not a number, nothing is drawn. */
export interface Dots {
  kind: "dots";
  x: Float32Array;
  y: Float32Array;
  radius: number;
  opacity: number;
  palette: Swatch[];
  /** Number in the palette of each. */
  labels: Uint8Array;
  /** Shares of the palette's colours in each, (n * palette.length); null: that of its label alone. */
  shares: Float64Array | null;
  /** A thin rim in the colour of the surface, to tell neighbours apart. */
  rim: boolean;
}

/** `d` as in SVG; filled by the even-odd rule. */
export interface Path {
  kind: "path";
  d: string;
  fill?: Token;
  fillOpacity?: number;
  stroke?: Token;
  width?: number;
  opacity?: number;
  dash?: number[];
}

export interface Text {
  kind: "text";
  x: number;
  y: number;
  text: string;
  size: number;
  colour: Token;
  anchor?: "start" | "middle" | "end";
  bold?: boolean;
  /** A border in this colour, so that the text is legible on marks. */
  halo?: Token;
  /** Read from below upwards. */
  turned?: boolean;
}

/** Marks that are shifted together, and cut to `clip` (width, height) if given. */
export interface Group {
  kind: "group";
  x: number;
  y: number;
  clip?: [number, number];
  marks: Mark[];
}

/** Two decimals: a hundredth of a pixel is not seen. */
export const round = (value: number): number => Math.round(value * 100) / 100;

/** A line through points; where one is not finite, the line is broken. */
export function polyline(x: ArrayLike<number>, y: ArrayLike<number>, closed = false): string {
  const parts: string[] = [];
  let pen = "M";
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) {
      parts.push(`${pen}${round(x[i])} ${round(y[i])}`);
      pen = "L";
    } else pen = "M";
  }
  return parts.join("") + (closed && parts.length ? "Z" : "");
}

export function segment(x1: number, y1: number, x2: number, y2: number): string {
  return `M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}`;
}

export function rectangle(x: number, y: number, width: number, height: number): string {
  return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}Z`;
}

export function oval(x: number, y: number, long: number, short: number, angle: number): string {
  const [dx, dy] = [long * Math.cos(angle), long * Math.sin(angle)];
  const arc = `A${round(long)} ${round(short)} ${round((angle * 180) / Math.PI)} 0 1 `;
  const [from, to] = [`${round(x + dx)} ${round(y + dy)}`, `${round(x - dx)} ${round(y - dy)}`];
  return `M${from}${arc}${to}${arc}${from}Z`;
}

export function circle(x: number, y: number, radius: number): string {
  return oval(x, y, radius, radius, 0);
}
