import { css, type Palette } from "./colours";
import { Raster } from "./raster";
import type { Dots, Group, Mark, Path, Scene, Text } from "./scene";

type Context = CanvasRenderingContext2D;

interface Brush {
  context: Context;
  palette: Palette;
  /** Pixels of the canvas in one of the scene. */
  scale: number;
  font: string;
}

/** Paint a scene onto a canvas, which is set to the size that it takes. */
export function paint(
  canvas: HTMLCanvasElement,
  scene: Scene,
  { palette, scale, font }: Omit<Brush, "context">,
): void {
  const [width, height] = [Math.round(scene.width * scale), Math.round(scene.height * scale)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, scene.width, scene.height);
  const brush = { context, palette, scale, font };
  for (const mark of scene.marks) paintMark(brush, mark, [scene.width, scene.height]);
}

function paintMark(brush: Brush, mark: Mark, extent: [number, number]): void {
  if (mark.kind === "path") paintPath(brush, mark);
  else if (mark.kind === "text") paintText(brush, mark);
  else if (mark.kind === "dots") paintDots(brush, mark, extent);
  else paintGroup(brush, mark, extent);
}

function paintGroup(brush: Brush, group: Group, extent: [number, number]): void {
  const { context } = brush;
  context.save();
  context.translate(group.x, group.y);
  if (group.clip) {
    context.beginPath();
    context.rect(0, 0, ...group.clip);
    context.clip();
  }
  for (const mark of group.marks) paintMark(brush, mark, group.clip ?? extent);
  context.restore();
}

function paintPath({ context, palette }: Brush, path: Path): void {
  const shape = new Path2D(path.d);
  if (path.fill) {
    context.fillStyle = css(palette(path.fill), path.fillOpacity);
    context.fill(shape, "evenodd");
  }
  if (!path.stroke) return;
  context.strokeStyle = css(palette(path.stroke), path.opacity);
  context.lineWidth = path.width ?? 1;
  context.lineJoin = context.lineCap = "round";
  context.setLineDash(path.dash ?? []);
  context.stroke(shape);
}

function paintText({ context, palette, font }: Brush, text: Text): void {
  context.font = `${text.bold ? "600 " : ""}${text.size}px ${font}`;
  context.textAlign = text.anchor === "middle" ? "center" : (text.anchor ?? "start");
  context.save();
  context.translate(text.x, text.y);
  if (text.turned) context.rotate(-Math.PI / 2);
  if (text.halo) {
    context.strokeStyle = css(palette(text.halo), 0.9);
    context.lineWidth = text.size / 3;
    context.lineJoin = "round";
    context.setLineDash([]);
    context.strokeText(text.text, 0, 0);
  }
  context.fillStyle = css(palette(text.colour));
  context.fillText(text.text, 0, 0);
  context.restore();
}

let layer: { raster: Raster; canvas: HTMLCanvasElement } | null = null;

/** One layer, taken again and again as long as the size is the same. */
function layerOf(width: number, height: number): NonNullable<typeof layer> {
  if (layer?.raster.width === width && layer.raster.height === height) {
    layer.raster.clear();
    return layer;
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return (layer = { raster: new Raster(width, height), canvas });
}

function paintDots(
  { context, palette, scale }: Brush,
  dots: Dots,
  extent: [number, number],
): void {
  const [width, height] = extent.map((length) => Math.ceil(length * scale));
  if (width === 0 || height === 0) return;
  const { raster, canvas } = layerOf(width, height);
  raster.dots(dots, scale, palette);
  const pixels = new ImageData(raster.data, width, height);
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  context.drawImage(canvas, 0, 0, width / scale, height / scale);
}
