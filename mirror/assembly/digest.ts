import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface FileDigest {
  size: number;
  /** Lower-case hexadecimal SHA-256. */
  sha256: string;
}

/** Size and SHA-256 of a file, read as a stream. */
export async function fileDigest(path: string): Promise<FileDigest> {
  const meter = new Meter();
  meter.resume();
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), meter);
  return meter.result();
}

/** Copies a file to a new executable one and gives the digest of the very bytes that were written. */
export async function copyExecutable(source: string, destination: string): Promise<FileDigest> {
  await mkdir(dirname(destination), { recursive: true });
  const meter = new Meter();
  await pipeline(
    createReadStream(source, { highWaterMark: 1 << 20 }),
    meter,
    createWriteStream(destination, { flags: "wx" }),
  );
  await chmod(destination, 0o755);
  return meter.result();
}

/** One line of a `.sha256` file, the format that `sha256sum --check` reads. */
export function checksumLine(sha256: string, fileName: string): string {
  return `${sha256}  ${fileName}\n`;
}

class Meter extends Transform {
  private readonly hash = createHash("sha256");
  private size = 0;

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: null, chunk: Buffer) => void,
  ): void {
    this.hash.update(chunk);
    this.size += chunk.length;
    done(null, chunk);
  }

  result(): FileDigest {
    return { size: this.size, sha256: this.hash.digest("hex") };
  }
}
