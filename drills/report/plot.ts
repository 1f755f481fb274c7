import type { Tried } from "../exercises";
import type { Attempt } from "../records";

/** Size of a plot, and of what is left around it for words, in pixels. */
const size = { width: 1000, height: 320, left: 70, right: 20, top: 90, bottom: 40 };

/** Latencies of the scale, in milliseconds: logarithmic, as a write takes ten and a hanging one a thousand. */
const [fastest, slowest] = [1, 10_000];

/** How a client was served over time, the events marked, as SVG. Pure. */
export function plot({ writes, connections, events }: Omit<Tried, "does" | "checks">): string {
  const all = [...writes, ...connections];
  const times = [...all.map(({ start }) => start), ...events.map(({ at }) => at)];
  const [from, to] = [Math.min(...times), Math.max(...all.map(({ end }) => end), ...times)];
  const x = (at: number): number =>
    round(size.left + ((at - from) / Math.max(to - from, 1)) * inner.width);
  const dots = (attempts: readonly Attempt[], of: string): string =>
    [...attempts].map((each) => dot(each, of, x(each.start))).join("");
  return [
    `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="latency over time">`,
    ...latencies.map(latencyLine),
    ...ticks(to - from).map((seconds) => tick(seconds, x(from + seconds))),
    dots(connections, "connection"),
    dots(writes, "write"),
    ...events.map(({ at, what }, index) => eventLine(x(at), what, index)),
    "</svg>",
  ].join("\n");
}

const inner = {
  width: size.width - size.left - size.right,
  height: size.height - size.top - size.bottom,
};
const bottom = size.height - size.bottom;
const latencies = [1, 10, 100, 1000, 10_000];

function y(milliseconds: number): number {
  const share =
    Math.log10(Math.min(Math.max(milliseconds, fastest), slowest) / fastest) /
    Math.log10(slowest / fastest);
  return round(bottom - share * inner.height);
}

function dot({ start, end, error }: Attempt, of: string, at: number): string {
  const milliseconds = (end - start) * 1000;
  const kind = error === "" ? of : `${of} failed`;
  return `<circle class="${kind}" cx="${at}" cy="${y(milliseconds)}" r="${error === "" ? 1.6 : 2.4}"/>`;
}

function latencyLine(milliseconds: number): string {
  const label = milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
  const at = y(milliseconds);
  return `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${at}" y2="${at}"/><text class="scale" x="${size.left - 8}" y="${at + 4}" text-anchor="end">${label}</text>`;
}

/** Seconds to mark, ten or so, from zero. */
function ticks(seconds: number): number[] {
  const step = [1, 2, 5, 10, 20, 30, 60, 120].find((each) => seconds / each <= 12) ?? 300;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}

function tick(seconds: number, at: number): string {
  return `<line class="grid" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/><text class="scale" x="${at}" y="${bottom + 20}" text-anchor="middle">${seconds} s</text>`;
}

/** Words of those that lie close to each other are one below the other. */
function eventLine(at: number, what: string, index: number): string {
  const row = 16 + (index % 4) * 18;
  const right = at > size.width * 0.6;
  return `<line class="event" x1="${at}" x2="${at}" y1="${row}" y2="${bottom}"/><text class="event" x="${right ? at - 5 : at + 5}" y="${row + 4}" text-anchor="${right ? "end" : "start"}">${escape(what)}</text>`;
}

const round = (pixels: number): number => Math.round(pixels * 10) / 10;

/** Text as HTML and SVG have it. */
export function escape(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => names[character] ?? "");
}
